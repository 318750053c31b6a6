"""What each user has rated already, and how, kept compactly."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from cartelera import columns as c
from cartelera.errors import InputError

_ARRAYS: Final = ("user_ids", "starts", "title_codes", "rating_codes", "stars")
_TITLE_IDS: Final = "title_ids"
_SEPARATOR: Final = "\n"


@dataclass(frozen=True)
class SeenTitles:
    """The ratings of all users as one sorted list with a slice a user.

    Attributes:
        user_ids: Users with ratings, ascending, shape (n_users,).
        starts: Where each user's slice of the codes starts, and the end, shape (n_users + 1,); a
            slice has the oldest rating first.
        title_codes: Positions in `title_ids`, shape (n_ratings,); 2 bytes each for up to 65,536
            titles.
        title_ids: The rated titles, shape (n_titles,).
        rating_codes: Positions in `stars`, shape (n_ratings,), 1 byte each.
        stars: The ratings that occur, shape (n_values,).
    """

    user_ids: npt.NDArray[np.int64]
    starts: npt.NDArray[np.int64]
    title_codes: npt.NDArray[np.unsignedinteger]
    title_ids: npt.NDArray[Any]
    rating_codes: npt.NDArray[np.unsignedinteger]
    stars: npt.NDArray[np.float64]

    @classmethod
    def from_frame(cls, seen: pd.DataFrame) -> "SeenTitles":
        """Build the lookup from the rows of `seen_table`; each user's keep their order."""
        columns = [c.USER_ID, c.TITLE_ID, c.RATING]
        return cls.from_table(pa.Table.from_pandas(seen[columns], preserve_index=False))

    def write(self, path: Path) -> None:
        """Write the lookup as it is, so that reading it takes no more than its bytes."""
        joined = _SEPARATOR.join(self.title_ids).encode()
        arrays = {name: getattr(self, name) for name in _ARRAYS}
        save_file({**arrays, _TITLE_IDS: np.frombuffer(joined, dtype=np.uint8)}, path)

    @classmethod
    def read(cls, path: Path) -> "SeenTitles":
        """Read what `write` wrote.

        Raises:
            InputError: If the file holds something else, or numbers that do not fit together.
        """
        try:
            arrays = load_file(path)
            joined = arrays.pop(_TITLE_IDS).tobytes().decode()
            title_ids = joined.split(_SEPARATOR) if joined else []
            seen = cls(**arrays, title_ids=np.array(title_ids, dtype=object))
            seen._check()
            return seen
        except (SafetensorError, LookupError, TypeError, ValueError) as error:
            raise InputError(f"{path} does not hold what users have rated: {error}") from None

    def _check(self) -> None:
        """Check that every slice and every code leads somewhere.

        Raises:
            ValueError: If one does not.
        """
        n_ratings = len(self.title_codes)
        for codes, values in ((self.title_codes, self.title_ids), (self.rating_codes, self.stars)):
            if codes.shape != (n_ratings,) or codes.dtype.kind != "u":
                raise ValueError("there is not one code for each rating")
            if n_ratings and codes.max() >= len(values):
                raise ValueError("a code stands for nothing")

        slices = self.starts.shape == (len(self.user_ids) + 1,) and (np.diff(self.starts) > 0).all()
        if not slices or self.starts[0] != 0 or self.starts[-1] != n_ratings:
            raise ValueError("the users' slices are not those of the ratings")
        if (np.diff(self.user_ids) <= 0).any():
            raise ValueError("the users are not in order")

    @classmethod
    def from_table(cls, table: Any) -> "SeenTitles":
        """Build the lookup from an Arrow table with the columns of `seen_table`."""
        users = table[c.USER_ID].to_numpy()
        title_codes, title_ids = _coded(table[c.TITLE_ID])
        rating_codes, stars = _coded(table[c.RATING])
        if np.any(users[1:] < users[:-1]):
            order = np.argsort(users, kind="stable")
            users, title_codes, rating_codes = users[order], title_codes[order], rating_codes[order]
        user_ids, starts = np.unique(users, return_index=True)
        return cls(
            user_ids=user_ids.astype(np.int64),
            starts=np.append(starts, len(users)).astype(np.int64),
            title_codes=title_codes,
            title_ids=np.array(title_ids, dtype=object),
            rating_codes=rating_codes,
            stars=np.array(stars, dtype=np.float64),
        )

    def of(self, user_id: int) -> dict[str, float]:
        """Return a user's titles with their ratings in stars, oldest first; none if unknown."""
        position = int(np.searchsorted(self.user_ids, user_id))
        if position == len(self.user_ids) or self.user_ids[position] != user_id:
            return {}
        rows = slice(self.starts[position], self.starts[position + 1])
        titles = self.title_ids[self.title_codes[rows]].tolist()
        return dict(zip(titles, self.stars[self.rating_codes[rows]].tolist(), strict=True))


def _coded(column: Any) -> tuple[npt.NDArray[np.unsignedinteger], list[Any]]:
    """Number the distinct values of a column in as few bytes as they need."""
    encoded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    whole = encoded.unify_dictionaries().combine_chunks()
    if isinstance(whole, pa.ChunkedArray):  # Arrow's answer for a column without rows
        return np.empty(0, dtype=np.uint8), []
    values = whole.dictionary.to_pylist()
    codes = whole.indices.to_numpy(zero_copy_only=False)
    return codes.astype(np.min_scalar_type(max(0, len(values) - 1))), values
