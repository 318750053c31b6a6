"""Make a bucket in the S3-compatible store the environment names, unless it is there.

python deploy/make_bucket.py NAME
"""

import sys

import boto3
from botocore.exceptions import ClientError


def main(name: str) -> None:
    """Make the bucket; the environment says where, and who asks."""
    store = boto3.client("s3")
    try:
        store.head_bucket(Bucket=name)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
            raise
        store.create_bucket(Bucket=name)


if __name__ == "__main__":
    main(sys.argv[1])
