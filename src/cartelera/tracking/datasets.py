"""Data files as MLflow shows them: name, digest, columns, number of rows."""

import json
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
from mlflow.entities import Dataset
from mlflow.types import ColSpec, DataType, Schema, TensorSpec

_LONGEST_DIGEST: Final = 36  # MLflow's limit
_PARQUET: Final = ".parquet"


def describe(path: Path, digest: str) -> Dataset:
    """Describe a file to MLflow without reading its rows.

    Args:
        path: The file; columns and row count are given of a Parquet file that is there.
        digest: Its digest; MLflow keeps the first 36 characters.
    """
    schema, profile = None, None
    if path.suffix == _PARQUET and path.is_file():
        fields = pq.read_schema(path)
        columns: list[ColSpec | TensorSpec] = [
            ColSpec(_mlflow_type(field.type), field.name) for field in fields
        ]
        schema = json.dumps({"mlflow_colspec": Schema(columns).to_dict()})  # as mlflow.data writes
        profile = json.dumps({"num_rows": pq.read_metadata(path).num_rows})
    return Dataset(
        name=path.name,
        digest=digest[:_LONGEST_DIGEST],
        source_type="local",
        source=json.dumps({"uri": str(path)}),
        schema=schema,
        profile=profile,
    )


def _mlflow_type(of: Any) -> DataType:
    if pa.types.is_integer(of):
        return DataType.long
    if pa.types.is_floating(of):
        return DataType.double
    if pa.types.is_boolean(of):
        return DataType.boolean
    return DataType.string
