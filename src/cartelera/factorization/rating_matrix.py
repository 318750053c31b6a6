"""Ratings as a sparse matrix: the form a fit reads."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cartelera import columns as c
from cartelera.errors import InputError


@dataclass(frozen=True, eq=False)
class RatingMatrix:
    """Ratings in coordinate form, the rows of one user next to each other.

    Users and titles have codes in order of first appearance, as Surprise numbers them; rows are
    ordered by user code and, within a user, as they came. That is the order in which Surprise goes
    through them, which the sums of a fit depend on.

    Attributes:
        user_codes: Position of each rating's user in `user_ids`; shape (n_ratings,).
        title_codes: Position of each rating's title in `title_ids`; shape (n_ratings,).
        values: Ratings in stars; shape (n_ratings,).
        user_ids: Shape (n_users,).
        title_ids: Strings; shape (n_titles,).
        scale: Lowest and highest rating, in stars.
    """

    user_codes: NDArray[np.int32]
    title_codes: NDArray[np.int32]
    values: NDArray[np.float64]
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
            InputError: If a column is missing, has the wrong type, or holds a missing value or a
                rating outside the scale; or if there are no rows.
        """
        _check(ratings, scale)
        user_codes, user_ids = pd.factorize(ratings[c.USER_ID])
        title_codes, title_ids = pd.factorize(ratings[c.TITLE_ID])
        by_user = np.argsort(user_codes, kind="stable")
        return cls(
            user_codes=user_codes[by_user].astype(np.int32),
            title_codes=title_codes[by_user].astype(np.int32),
            values=ratings[c.RATING].to_numpy(np.float64)[by_user],
            user_ids=np.asarray(user_ids, dtype=np.int64),
            title_ids=np.asarray(title_ids, dtype=object),
            scale=scale,
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
        """The mean of all ratings, in stars, summed in the order of the rows."""
        return float(np.mean(self.values))


def _check(ratings: pd.DataFrame, scale: tuple[float, float]) -> None:
    needed = (c.USER_ID, c.TITLE_ID, c.RATING)
    missing = [column for column in needed if column not in ratings.columns]
    if missing:
        raise InputError(f"the ratings lack the column(s) {', '.join(missing)}.")
    if ratings.empty:
        raise InputError("the ratings have no rows: there is nothing to learn from.")
    for column in needed:
        _refuse_row(ratings[column].isna(), column, "is missing")
    _require_type(ratings, c.USER_ID, pd.api.types.is_integer_dtype, "whole numbers")
    _require_type(ratings, c.TITLE_ID, pd.api.types.is_string_dtype, "text")
    _require_type(ratings, c.RATING, _is_number_dtype, "numbers")
    low, high = scale
    outside = ~ratings[c.RATING].between(low, high)
    _refuse_row(outside, c.RATING, f"is outside the scale of {low} to {high}")


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
