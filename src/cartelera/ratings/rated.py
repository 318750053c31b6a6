"""Which titles are rated: by their ids, or where no platform's initial stands before them."""

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from cartelera import columns as c
from cartelera.notes import Notes

UNKNOWN: Final = -1
AMBIGUOUS: Final = -2


def find_titles(
    raw: pd.DataFrame, known: "pd.Index[str]", show_ids: pd.Series | None, notes: Notes
) -> npt.NDArray[np.int64]:
    """Find the title of each rating.

    In a file that holds no title id at all, `show_id`s are looked for instead.

    Args:
        raw: Raw ratings (n rows): `movieId` as text, `source_file`.
        known: The ids of the titles (k), in any order.
        show_ids: Their ids without the platform's initial (k); None if they do not count.
        notes: Take which files have them.

    Returns:
        Each rating's place in `known` (n): `UNKNOWN` if it is nowhere, `AMBIGUOUS` if several
        platforms have a title with its `show_id`.
    """
    codes, texts = pd.factorize(raw[c.RAW_TITLE_ID])
    ids = pd.Index(pd.Series(texts, dtype="str").str.strip().str.lower())
    places = known.get_indexer(ids).astype(np.int64)
    found = places[codes]
    if show_ids is None:
        return found

    files, names = pd.factorize(raw[c.SOURCE_FILE])
    n_known = np.bincount(files[found >= 0], minlength=len(names))
    without = (n_known == 0)[files]
    if not without.any():
        return found
    by_show_id = _places_of(ids, show_ids)[codes]
    for place in np.unique(files[without & (by_show_id >= 0)]):
        example = raw[c.RAW_TITLE_ID][(files == place) & (by_show_id >= 0)].iloc[0]
        title = known[by_show_id[(files == place) & (by_show_id >= 0)][0]]
        notes.add(
            str(names[place]),
            f"has show_ids as movieId, such as {example!r}; they are read with the initial of the "
            f"only platform that has them: {title}.",
        )
    return np.where(without, by_show_id, found)


def _places_of(ids: "pd.Index[str]", show_ids: pd.Series) -> npt.NDArray[np.int64]:
    numbers = ids.str.fullmatch(r"[0-9]+\.0")
    plain = ids.where(~numbers, ids.str.removesuffix(".0"))
    unique = ~show_ids.duplicated(keep=False).to_numpy()
    at = np.flatnonzero(unique)
    found = pd.Index(show_ids[unique]).get_indexer(plain)
    places = np.where(found >= 0, at[found] if len(at) else UNKNOWN, UNKNOWN).astype(np.int64)
    places[plain.isin(show_ids[~unique])] = AMBIGUOUS
    return places
