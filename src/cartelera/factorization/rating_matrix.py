"""Ratings as a sparse matrix: the form a fit reads."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from cartelera import columns as c
from cartelera.errors import InputError
from cartelera.factorization.trainsets import trainset_rows

if TYPE_CHECKING:
    import surprise

_LARGEST_ID = np.iinfo(np.int64).max
_NEEDED = (c.USER_ID, c.TITLE_ID, c.RATING)


@dataclass(frozen=True, eq=False)
class RatingMatrix:
    """Ratings in coordinate form, the rows of one user next to each other.

    Users and titles have codes in order of first appearance, as Surprise numbers them; rows are
    ordered by user code and, within a user, as they came. That is the order in which Surprise goes
    through them, which the sums of a fit depend on.

    Attributes:
        user_codes: Position of each rating's user in `user_ids`; shape (n_ratings,).
        title_codes: Position of each rating's title in `title_ids`; shape (n_ratings,).
        values: Ratings in stars, float32 if that holds all of them exactly, as it does half stars,
            else float64; shape (n_ratings,).
        user_ids: Shape (n_users,).
        title_ids: Strings; shape (n_titles,).
        scale: Lowest and highest rating, in stars.
    """

    user_codes: NDArray[np.int32]
    title_codes: NDArray[np.int32]
    values: NDArray[np.floating]
    user_ids: NDArray[np.int64]
    title_ids: NDArray[np.object_]
    scale: tuple[float, float]

    @classmethod
    def from_frame(
        cls, ratings: pd.DataFrame, *, scale: tuple[float, float] = (0.5, 5.0)
    ) -> "RatingMatrix":
        """Code the users and titles of a ratings table.

        Args:
            ratings: Columns `user_id`, `title_id` and `rating`; others are left alone.
            scale: Lowest and highest rating, in stars.

        Raises:
            InputError: If a column is missing, has the wrong type, or holds a missing value, a user
                id beyond 2^63 - 1 or a rating outside the scale; or if there are no rows.
        """
        _check(ratings, scale)
        user_codes, user_ids = _coded(ratings[c.USER_ID])
        if int(user_ids.max()) > _LARGEST_ID:
            raise InputError(f"the user id {user_ids.max()} is beyond {_LARGEST_ID}.")
        title_codes, title_ids = _coded(ratings[c.TITLE_ID])
        return cls(
            *_by_user(user_codes, title_codes, _narrowed(ratings[c.RATING].to_numpy(np.float64))),
            user_ids=np.asarray(user_ids, dtype=np.int64),
            title_ids=np.asarray(title_ids, dtype=object),
            scale=scale,
        )

    @classmethod
    def from_parquet(cls, path: Path, *, scale: tuple[float, float] = (0.5, 5.0)) -> "RatingMatrix":
        """Code the users and titles of a ratings table in a Parquet file.

        Args:
            path: Only the columns `user_id`, `title_id` and `rating` are read.
            scale: Lowest and highest rating, in stars.

        Raises:
            InputError: If the file is missing or not Parquet, or for what `from_frame` refuses.
        """
        try:
            names = pq.read_schema(path).names
            present = [column for column in _NEEDED if column in names]
            frame = pq.read_table(path, columns=present).to_pandas(split_blocks=True)
        except (OSError, pa.ArrowException) as error:
            raise InputError(f"{path} cannot be read as Parquet: {error}") from error
        try:
            return cls.from_frame(frame, scale=scale)
        except InputError as error:
            raise InputError(f"{path}: {error}") from error

    @classmethod
    def from_trainset(cls, trainset: "surprise.Trainset") -> "RatingMatrix":
        """Take over a Surprise trainset; codes are its inner ids.

        Args:
            trainset: Its raw user ids are whole numbers, its raw item ids text.

        Raises:
            InputError: If the ids have other types, or a rating is NaN or outside the scale.
        """
        user_ids = [trainset.to_raw_uid(code) for code in range(trainset.n_users)]
        title_ids = [trainset.to_raw_iid(code) for code in range(trainset.n_items)]
        if not pd.api.types.is_integer_dtype(pd.Index(user_ids)):
            raise InputError("the trainset's user ids are not whole numbers: load them as int.")
        if not all(isinstance(title_id, str) for title_id in title_ids):
            raise InputError("the trainset's item ids are not text: load them as str.")

        low, high = (float(bound) for bound in trainset.rating_scale)
        users, titles, values = trainset_rows(trainset)
        _refuse_row(pd.Series(~((values >= low) & (values <= high))), c.RATING, _outside(low, high))

        return cls(
            *_by_user(users, titles, _narrowed(values)),
            user_ids=np.array(user_ids, dtype=np.int64),
            title_ids=np.array(title_ids, dtype=object),
            scale=(low, high),
        )

    @property
    def n_users(self) -> int:
        """The number of distinct users."""
        return len(self.user_ids)

    @property
    def n_titles(self) -> int:
        """The number of distinct titles."""
        return len(self.title_ids)

    @cached_property
    def global_mean(self) -> float:
        """The mean of all ratings, in stars, summed in float64 in the order of the rows."""
        return float(np.mean(self.values.astype(np.float64)))

    def codes_in(self, other: "RatingMatrix") -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Return the codes that each rating's user and title have in another matrix, or -1."""
        users = pd.Index(other.user_ids).get_indexer(pd.Index(self.user_ids))
        titles = pd.Index(other.title_ids).get_indexer(pd.Index(self.title_ids))
        return users.astype(np.int32)[self.user_codes], titles.astype(np.int32)[self.title_codes]


def _coded(column: "pd.Series[Any]") -> tuple[NDArray[np.int32], Any]:
    codes, ids = pd.factorize(column)
    return codes.astype(np.int32), ids


def _by_user(
    users: NDArray[np.int32], titles: NDArray[np.int32], values: NDArray[np.floating]
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.floating]]:
    """Order rows by user and, within a user, as they came."""
    if np.all(users[1:] >= users[:-1]):
        return users, titles, values
    # Each row's number goes behind its user's: sorting these is twice as fast as a stable argsort.
    rows = users.astype(np.int64) << 32
    rows |= np.arange(len(rows))
    rows.sort()
    rows &= 0xFFFFFFFF
    return users[rows], titles[rows], values[rows]


def _narrowed(values: NDArray[np.float64]) -> NDArray[np.floating]:
    """Store numbers in half the memory if none of them changes."""
    narrow = values.astype(np.float32)
    return narrow if np.array_equal(narrow, values) else values


def _check(ratings: pd.DataFrame, scale: tuple[float, float]) -> None:
    missing = [column for column in _NEEDED if column not in ratings.columns]
    if missing:
        raise InputError(f"the ratings lack the column(s) {', '.join(missing)}.")
    if ratings.empty:
        raise InputError("the ratings have no rows: there is nothing to learn from.")
    for column in _NEEDED:
        _refuse_row(ratings[column].isna(), column, "is missing")
    _require_type(ratings, c.USER_ID, pd.api.types.is_integer_dtype, "whole numbers")
    _require_type(ratings, c.TITLE_ID, pd.api.types.is_string_dtype, "text")
    _require_type(ratings, c.RATING, _is_number_dtype, "numbers")
    _refuse_row(~ratings[c.RATING].between(*scale), c.RATING, _outside(*scale))


def _outside(low: float, high: float) -> str:
    return f"is outside the scale of {low} to {high}"


def _is_number_dtype(column: "pd.Series[Any]") -> bool:
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def _require_type(
    ratings: pd.DataFrame, column: str, is_right: Callable[..., bool], words: str
) -> None:
    if not is_right(ratings[column]):
        raise InputError(
            f"the ratings' column {column} holds {ratings[column].dtype}: make it {words}."
        )


def _refuse_row(is_bad: "pd.Series[bool]", column: str, what: str) -> None:
    if is_bad.any():
        row = int(np.argmax(is_bad.to_numpy()))
        raise InputError(
            f"the ratings' column {column} {what} in row {row} (counted from 0) and "
            f"{int(is_bad.sum())} row(s) in all: correct or remove them."
        )
