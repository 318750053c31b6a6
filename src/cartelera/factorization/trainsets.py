"""Surprise's trainsets: reading one, and standing in for one that was never built."""

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cartelera.factorization.recommender import UNKNOWN

if TYPE_CHECKING:
    import surprise


def trainset_rows(
    trainset: "surprise.Trainset",
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]:
    """Return inner user ids, inner item ids and ratings in the order Surprise goes through them."""
    rows = np.fromiter(
        trainset.all_ratings(),
        dtype=[("user", np.int32), ("title", np.int32), ("value", np.float64)],
        count=trainset.n_ratings,
    )
    users, titles, values = (
        np.ascontiguousarray(rows[name]) for name in ("user", "title", "value")
    )
    return users, titles, values


def inner_codes(raw_ids: Iterable[Any], to_inner: Callable[[Any], int]) -> NDArray[np.int32]:
    """Look up raw ids, each distinct one once; `UNKNOWN` for those Surprise does not know.

    Args:
        raw_ids: Users' or items'.
        to_inner: A trainset's `to_inner_uid` or `to_inner_iid`.
    """
    known: dict[Any, int] = {}
    codes: list[int] = []
    for raw_id in raw_ids:
        code = known.get(raw_id)
        if code is None:
            try:
                code = to_inner(raw_id)
            except ValueError:
                code = UNKNOWN
            known[raw_id] = code
        codes.append(code)
    return np.array(codes, dtype=np.int32)


class MatrixTrainset:
    """What Surprise's `predict` and `test` ask a trainset, without its dicts of lists.

    Args:
        user_ids: Raw user ids in the order of their inner ids.
        title_ids: Raw item ids, likewise.
        global_mean: The mean of all ratings, in stars.
        rating_scale: Lowest and highest rating, in stars.
    """

    def __init__(
        self,
        user_ids: NDArray[np.int64],
        title_ids: NDArray[np.object_],
        *,
        global_mean: float,
        rating_scale: tuple[float, float],
    ):
        self._user_ids = user_ids
        self._title_ids = title_ids
        self.n_users, self.n_items = len(user_ids), len(title_ids)
        self.global_mean = global_mean
        self.rating_scale = rating_scale

    def to_inner_uid(self, raw_id: Any) -> int:
        """Return a user's inner id.

        Raises:
            ValueError: If the user is unknown; so is the text of a known number.
        """
        return _inner(self._users, raw_id, "User")

    def to_inner_iid(self, raw_id: Any) -> int:
        """Return a title's inner id.

        Raises:
            ValueError: If the title is unknown.
        """
        return _inner(self._titles, raw_id, "Item")

    def knows_user(self, inner_id: Any) -> bool:
        """Tell an inner user id from what Surprise makes of an unknown one."""
        return not isinstance(inner_id, str) and 0 <= inner_id < self.n_users

    def knows_item(self, inner_id: Any) -> bool:
        """Tell an inner item id from what Surprise makes of an unknown one."""
        return not isinstance(inner_id, str) and 0 <= inner_id < self.n_items

    @cached_property
    def _users(self) -> dict[Any, int]:
        return {user_id: code for code, user_id in enumerate(self._user_ids.tolist())}

    @cached_property
    def _titles(self) -> dict[Any, int]:
        return {title_id: code for code, title_id in enumerate(self._title_ids.tolist())}


def _inner(codes: dict[Any, int], raw_id: Any, what: str) -> int:
    if raw_id not in codes:
        raise ValueError(f"{what} {raw_id} is not part of the ratings.")
    return codes[raw_id]
