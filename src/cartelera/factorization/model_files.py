"""The files of an exported model: how they are written, and checked before they are trusted."""

import hashlib
import io
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import safetensors
import safetensors.numpy
from numpy.typing import NDArray

from cartelera import columns as c
from cartelera.errors import InputError
from cartelera.files import DamagedFileError, read_json, sha256, write_json

ARRAYS_FILE: Final = "factors.safetensors"
USERS_FILE: Final = "users.parquet"
TITLES_FILE: Final = "titles.parquet"
CARD_FILE: Final = "model_card.json"
FORMAT_VERSION: Final = 1

_FIX = "make the model again with `dvc repro train`, or fetch it whole"


_IDS_FILES: Final[Mapping[str, str]] = {c.USER_ID: USERS_FILE, c.TITLE_ID: TITLES_FILE}


@dataclass(frozen=True)
class ModelContent:
    """What the files of a model hold.

    Attributes:
        arrays: By name.
        ids: By column, `user_id` or `title_id`: ids, each once; shape (n,).
        card: The model card.
    """

    arrays: dict[str, NDArray[Any]]
    ids: dict[str, NDArray[Any]]
    card: dict[str, Any]


def unusable(path: Path, why: str) -> InputError:
    """Make the error for a model file (or folder) that cannot be used."""
    return InputError(f"{path}: {why}: {_FIX}.")


def write(
    folder: Path,
    arrays: Mapping[str, NDArray[Any]],
    ids: Mapping[str, NDArray[Any]],
    numbers: Mapping[str, Any],
    card: Mapping[str, Any],
) -> None:
    """Write a model's arrays, ids and card; the same model gives the same bytes.

    Args:
        folder: Made if need be.
        arrays: By name.
        ids: By column, `user_id` or `title_id`; shape (n,).
        numbers: What the model is besides its arrays; becomes part of the card.
        card: What else the card should say.

    Raises:
        ValueError: If the card has a key that is written here.
    """
    folder.mkdir(parents=True, exist_ok=True)

    # Neither of the formats runs code when it is read.
    contiguous = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    safetensors.numpy.save_file(contiguous, folder / ARRAYS_FILE)
    for column, values in ids.items():
        dtype = np.int64 if column == c.USER_ID else "str"
        table = pd.DataFrame({column: values}, dtype=dtype)
        table.to_parquet(folder / _IDS_FILES[column], index=False)

    own = {
        "format_version": FORMAT_VERSION,
        "shapes": {name: list(array.shape) for name, array in arrays.items()},
        **numbers,
        "sha256": {
            name: sha256(folder / name)
            for name in (ARRAYS_FILE, *(_IDS_FILES[column] for column in ids))
        },
    }

    if clash := sorted(own.keys() & card.keys()):
        raise ValueError(f"the model card writes {', '.join(clash)} itself: use other keys.")
    write_json(folder / CARD_FILE, {**own, **card})


def read(folder: Path, arrays: Collection[str], columns: Collection[str]) -> ModelContent:
    """Read a model's files after comparing each with the digest in the card.

    Args:
        folder: What `write` wrote.
        arrays: The names of its arrays.
        columns: The columns of its ids.

    Raises:
        InputError: If a file is missing, damaged, altered, or written by a newer version.
    """
    card = _read_card(folder / CARD_FILE)
    ids = {
        column: _read_ids(folder / _IDS_FILES[column], card, column).to_numpy(
            np.int64 if column == c.USER_ID else object
        )
        for column in columns
    }
    return ModelContent(_read_arrays(folder / ARRAYS_FILE, card, arrays), ids, card)


def _read_card(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise unusable(path, "the model card is missing")
    try:
        card = read_json(path)
    except DamagedFileError as error:
        raise unusable(path, f"the model card cannot be read ({error})") from error
    version = card.get("format_version")
    if not isinstance(version, int):
        raise unusable(path, "this is not a model card: it has no format_version")
    if version > FORMAT_VERSION:
        raise InputError(
            f"{path}: the model has format {version}, this Cartelera reads up to {FORMAT_VERSION}: "
            "upgrade Cartelera."
        )
    return card


def _read_checked(path: Path, card: Mapping[str, Any]) -> bytes:
    """Read a file once, so that what is parsed is what was compared with the card."""
    if not path.is_file():
        raise unusable(path, "the file is missing")
    content = path.read_bytes()
    digests = card.get("sha256")
    expected = digests.get(path.name) if isinstance(digests, dict) else None
    if hashlib.sha256(content).hexdigest() != expected:
        raise unusable(path, f"the content is not what {CARD_FILE} says (SHA-256 differs)")
    return content


def _read_ids(path: Path, card: Mapping[str, Any], column: str) -> "pd.Series[Any]":
    content = io.BytesIO(_read_checked(path, card))
    try:
        ids = pd.read_parquet(content, columns=[column])[column]
    except (pa.ArrowException, KeyError, ValueError, OSError) as error:
        raise unusable(path, f"no Parquet file with a column {column} ({error})") from error
    is_right = (
        pd.api.types.is_integer_dtype(ids)
        if column == c.USER_ID
        else pd.api.types.is_string_dtype(ids)
    )
    if not is_right or ids.hasnans or not ids.is_unique:
        raise unusable(path, f"{column} is not a list of ids, each once")
    return ids


def _read_arrays(
    path: Path, card: Mapping[str, Any], names: Collection[str]
) -> dict[str, NDArray[Any]]:
    content = _read_checked(path, card)
    try:
        arrays = safetensors.numpy.load(content)
    except (safetensors.SafetensorError, KeyError, ValueError, OSError) as error:
        raise unusable(path, f"no safetensors file ({error})") from error
    shapes = {name: list(array.shape) for name, array in arrays.items()}
    if set(shapes) != set(names) or shapes != card.get("shapes"):
        raise unusable(path, f"its arrays {shapes} are not the {card.get('shapes')} of {CARD_FILE}")
    return arrays
