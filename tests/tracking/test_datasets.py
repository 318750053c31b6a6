import json
from pathlib import Path

import pandas as pd

from cartelera.tracking.datasets import describe


def test_a_parquet_file_is_described_with_its_columns_and_rows(tmp_path):
    path = tmp_path / "train.parquet"
    frame = pd.DataFrame({"user_id": [1, 2], "rating": [4.0, 5.0], "known": [True, False]})
    frame.assign(title_id=pd.Series(["as1", "ds2"], dtype="str")).to_parquet(path, index=False)

    found = describe(path, "ab" * 32)

    assert (found.name, found.digest) == ("train.parquet", "ab" * 18)
    columns = json.loads(found.schema)["mlflow_colspec"]
    assert {column["name"]: column["type"] for column in columns} == {
        "user_id": "long", "rating": "double", "known": "boolean", "title_id": "string",
    }  # fmt: skip
    assert json.loads(found.profile) == {"num_rows": 2}
    assert json.loads(found.source) == {"uri": str(path)}


def test_what_is_no_parquet_file_is_named_alone():
    found = describe(Path("raw/ratings.csv"), "ab")

    assert (found.name, found.schema, found.profile) == ("ratings.csv", None, None)
