"""Copy a bucket of an S3-compatible store into a folder, or a folder into a bucket.

    python deploy/copy_store.py save BUCKET FOLDER
    python deploy/copy_store.py load FOLDER BUCKET

The environment names the store and the login, as for any S3 client. What is in the target and not
in the source stays.
"""

import sys
from pathlib import Path
from typing import Any

import boto3


def save(store: Any, bucket: str, folder: Path) -> None:
    """Copy every object to the file its key names."""
    for page in store.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for found in page.get("Contents", []):
            path = folder / found["Key"]
            if not path.resolve().is_relative_to(folder.resolve()):
                raise ValueError(f"The key {found['Key']!r} leads out of {folder}.")
            path.parent.mkdir(parents=True, exist_ok=True)
            store.download_file(bucket, found["Key"], str(path))


def load(store: Any, folder: Path, bucket: str) -> None:
    """Copy every file to the object its relative path names."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            store.upload_file(str(path), bucket, path.relative_to(folder).as_posix())


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["save", bucket, folder]:
            save(boto3.client("s3"), bucket, Path(folder))
        case ["load", folder, bucket]:
            load(boto3.client("s3"), Path(folder), bucket)
        case _:
            sys.exit(__doc__)
