"""Raw ratings in, clean ratings out: one row a (user, title)."""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from cartelera import columns as c
from cartelera.accounting import Cleaned, Ledger, Mask
from cartelera.ratings.latest import outdated
from cartelera.ratings.scale import RatingScale

_WHOLE_NUMBER: Final = r"([0-9]{1,18})(?:\.0*)?"
_DECIMAL: Final = r"-?(?:[0-9]{1,9}(?:[.,][0-9]*)?|[.,][0-9]+)"
_YEAR_2100: Final = 4_102_444_800  # seconds since 1970


def clean_ratings(
    raw: pd.DataFrame,
    known_titles: pd.Series,
    *,
    rating_min: float = 0.5,
    rating_max: float = 5.0,
    rating_step: float = 0.5,
) -> Cleaned:
    """Clean raw ratings.

    A row is rejected when its user or timestamp is no whole number (seconds, before the year 2100),
    its title is not in the catalogue, or its rating is no number, outside the scale or off the
    grid. An exact repeat is dropped. Of several ratings of one (user, title) the latest is kept;
    of equally late ones the one that was read last.

    Args:
        raw: Raw ratings (n rows): `columns.RAW_RATING_COLUMNS` as text, `source_file`, `line`; the
            index is 0 to n - 1.
        known_titles: The ids of the clean titles.
        rating_min: The lowest rating, in stars.
        rating_max: The highest rating, in stars.
        rating_step: The step of the grid that starts at `rating_min`, in stars.

    Returns:
        The clean ratings (`columns.CLEAN_RATING_COLUMNS`), sorted by user, timestamp and title, and
        what was dropped and rejected.
    """
    users = _each_distinct(raw[c.RAW_USER], _whole_numbers)
    times = _each_distinct(raw[c.RAW_TIMESTAMP], _whole_numbers)
    ratings = _each_distinct(raw[c.RAW_RATING], _decimals)
    scale = RatingScale(rating_min, rating_max, rating_step)
    title_codes, title_ids = _title_codes(raw[c.RAW_TITLE_ID], known_titles)

    ledger = Ledger(raw)
    ledger.reject(users < 0, "userId is not a whole number", c.RAW_USER)
    ledger.reject(title_codes < 0, "movieId is in no catalogue", c.RAW_TITLE_ID)
    ledger.reject(np.isnan(ratings), "rating is not a number", c.RAW_RATING)
    ledger.reject(
        scale.is_outside(ratings),
        f"rating is not in {rating_min} to {rating_max}",
        c.RAW_RATING,
    )
    ledger.reject(
        scale.is_off_grid(ratings),
        f"rating is off the grid of {rating_step}",
        c.RAW_RATING,
    )
    ledger.reject(times < 0, "timestamp is not a whole number of seconds", c.RAW_TIMESTAMP)
    ledger.reject(times >= _YEAR_2100, "timestamp is after the year 2099", c.RAW_TIMESTAMP)

    sound = ledger.sound
    values = pd.DataFrame({"user": users, "title": title_codes, "rating": ratings, "time": times})
    repeated, superseded = _superfluous(values[sound])
    ledger.drop(_spread(repeated, sound), "exact repeat of a later row")
    ledger.drop(_spread(superseded, sound), "a later rating of the same user and title counts")

    kept = values[ledger.sound]
    order = np.lexsort((kept["title"], kept["time"], kept["user"]))
    kept = kept.iloc[order]
    clean = pd.DataFrame(
        {
            c.USER_ID: kept["user"].to_numpy(),
            c.TITLE_ID: title_ids.take(kept["title"].to_numpy()),
            c.RATING: kept["rating"].to_numpy(),
            c.TIMESTAMP: kept["time"].to_numpy(),
        }
    )
    return ledger.close(clean)


def _each_distinct(
    column: pd.Series, parse: Callable[[pd.Series], npt.NDArray[Any]]
) -> npt.NDArray[Any]:
    """Parse each distinct text once; columns repeat the same few texts millions of times."""
    codes, texts = pd.factorize(column)
    return parse(pd.Series(texts, dtype="str"))[codes]


def _whole_numbers(texts: pd.Series) -> npt.NDArray[np.int64]:
    """Read whole numbers; -1 stands for a text that is none."""
    digits = texts.str.strip().str.extract(f"^{_WHOLE_NUMBER}$", expand=False)
    return np.asarray(digits.fillna("-1").astype("int64"), dtype=np.int64)


def _decimals(texts: pd.Series) -> npt.NDArray[np.float64]:
    """Read decimal numbers, with a comma as well; NaN stands for a text that is none."""
    stripped = texts.str.strip()
    read = stripped.where(stripped.str.fullmatch(_DECIMAL)).str.replace(",", ".", regex=False)
    return np.asarray(read, dtype=np.float64)


def _title_codes(
    column: pd.Series, known_titles: pd.Series
) -> tuple[npt.NDArray[np.int64], "pd.Index[str]"]:
    """Return each row's place in the sorted known titles, -1 if it is not there."""
    known = pd.Index(known_titles.sort_values(), dtype="str")

    def place(texts: pd.Series) -> npt.NDArray[np.int64]:
        return known.get_indexer(pd.Index(texts.str.strip().str.lower())).astype(np.int64)

    return _each_distinct(column, place), known


def _superfluous(values: pd.DataFrame) -> tuple[Mask, Mask]:
    """Mark exact repeats of later rows, and ratings with a later one of the same user and title.

    Only the few (user, title) pairs that occur repeatedly are compared.
    """
    repeated = np.zeros(len(values), dtype=bool)
    superseded = np.zeros(len(values), dtype=bool)
    candidates = np.flatnonzero(values.duplicated(["user", "title"], keep=False))
    contested = values.iloc[candidates]

    is_repeat = contested.duplicated(keep="last").to_numpy()
    repeated[candidates] = is_repeat
    superseded[candidates[~is_repeat]] = outdated(contested[~is_repeat], ["user", "title"], "time")
    return repeated, superseded


def _spread(mask: Mask, sound: Mask) -> Mask:
    """Put a mask over the sound rows into one over all rows."""
    spread = np.zeros(len(sound), dtype=bool)
    spread[sound] = mask
    return spread
