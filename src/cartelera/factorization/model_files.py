"""The files of an exported model: how they are written, and checked before they are trusted."""

import hashlib
import io
import json
from collections.abc import Mapping
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
from cartelera.files import read_json, sha256, write_json

ARRAYS: Final = ("user_bias", "title_bias", "user_factors", "title_factors", "title_means")
ARRAYS_FILE: Final = "factors.safetensors"
USERS_FILE: Final = "users.parquet"
TITLES_FILE: Final = "titles.parquet"
CARD_FILE: Final = "model_card.json"
FORMAT_VERSION: Final = 1

_FIX = "make the model again with `dvc repro train`, or fetch it whole"


@dataclass(frozen=True)
class ModelContent:
    """What the files of a model hold; see `Factors` for the arrays."""

    arrays: dict[str, NDArray[Any]]
    user_ids: NDArray[np.int64]
    title_ids: NDArray[np.object_]
    card: dict[str, Any]


def unusable(path: Path, why: str) -> InputError:
    """Make the error for a model file (or folder) that cannot be used."""
    return InputError(f"{path}: {why}: {_FIX}.")


def write(
    folder: Path,
    arrays: Mapping[str, NDArray[Any]],
    user_ids: NDArray[np.int64],
    title_ids: NDArray[np.object_],
    numbers: Mapping[str, Any],
    card: Mapping[str, Any],
) -> None:
    """Write a model's arrays, ids and card; the same model gives the same bytes.

    Args:
        folder: Made if need be.
        arrays: One entry for each of `ARRAYS`.
        user_ids: Shape (n_users,).
        title_ids: Shape (n_titles,).
        numbers: What the model is besides its arrays; becomes part of the card.
        card: What else the card should say.

    Raises:
        ValueError: If the card has a key that is written here.
    """
    folder.mkdir(parents=True, exist_ok=True)
    contiguous = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    safetensors.numpy.save_file(contiguous, folder / ARRAYS_FILE)
    pd.DataFrame({c.USER_ID: user_ids}).to_parquet(folder / USERS_FILE, index=False)
    pd.DataFrame({c.TITLE_ID: title_ids}, dtype="str").to_parquet(folder / TITLES_FILE, index=False)
    own = {
        "format_version": FORMAT_VERSION,
        "shapes": {name: list(array.shape) for name, array in arrays.items()},
        **numbers,
        "sha256": {name: sha256(folder / name) for name in (ARRAYS_FILE, USERS_FILE, TITLES_FILE)},
    }
    if clash := sorted(own.keys() & card.keys()):
        raise ValueError(f"the model card writes {', '.join(clash)} itself: use other keys.")
    write_json(folder / CARD_FILE, {**own, **card})


def read(folder: Path) -> ModelContent:
    """Read a model's files after comparing each with the digest in the card.

    Raises:
        InputError: If a file is missing, damaged, altered, or written by a newer version.
    """
    card = _read_card(folder / CARD_FILE)
    arrays = _read_arrays(folder / ARRAYS_FILE, card)
    user_ids = _read_ids(folder / USERS_FILE, card, c.USER_ID).to_numpy(np.int64)
    title_ids = _read_ids(folder / TITLES_FILE, card, c.TITLE_ID).to_numpy(object)
    return ModelContent(arrays, user_ids, title_ids, card)


def _read_card(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise unusable(path, "the model card is missing")
    try:
        card: Any = read_json(path)
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise unusable(path, f"the model card is not JSON ({error})") from error
    version = card.get("format_version") if isinstance(card, dict) else None
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


def _read_arrays(path: Path, card: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
    content = _read_checked(path, card)
    try:
        arrays = safetensors.numpy.load(content)
    except (safetensors.SafetensorError, KeyError, ValueError, OSError) as error:
        raise unusable(path, f"no safetensors file ({error})") from error
    shapes = {name: list(array.shape) for name, array in arrays.items()}
    if set(shapes) != set(ARRAYS) or shapes != card.get("shapes"):
        raise unusable(path, f"its arrays {shapes} are not the {card.get('shapes')} of {CARD_FILE}")
    return arrays
