"""Raw ratings in, clean ratings out: one row a (user, title)."""

from collections.abc import Callable, Collection
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from cartelera import columns as c
from cartelera.accounting import Cleaned, Ledger, Mask
from cartelera.notes import Notes
from cartelera.ratings.latest import outdated
from cartelera.ratings.moments import YEAR_2100, read_moments, whole_numbers
from cartelera.ratings.rated import AMBIGUOUS, find_titles
from cartelera.ratings.received import outranked
from cartelera.ratings.scale import RatingScale

_DECIMAL: Final = r"-?(?:[0-9]{1,9}(?:[.,][0-9]*)?|[.,][0-9]+)"

_NO_TITLE: Final = "movieId is in no catalogue"
_SEVERAL_TITLES: Final = "movieId lacks the platform's initial, and several platforms have it"
_NO_TIME: Final = "timestamp is not a whole number of seconds"
_LATE: Final = "timestamp is after the year 2099"
_AHEAD: Final = "timestamp is in the future"
_OUTRANKED: Final = "received, and the source's files have a rating of the same user and title"
_DAY: Final = 86_400

_PAIR: Final = ["user", "title"]

_ABOUT_IDS: Final = (
    "movieId is the platform's initial and the show_id, such as as123, ds4, hs9, ns1. If another "
    f"column holds it, say which: etl.columns.{c.RAW_TITLE_ID}=NAME."
)
_ABOUT_TIMES: Final = (
    "timestamp is in seconds since 1970, or in milliseconds throughout a file, or a date such as "
    f"2021-09-25T10:00:00Z. If another column holds it, say which: "
    f"etl.columns.{c.RAW_TIMESTAMP}=NAME."
)
HINTS: Final = {
    _NO_TITLE: _ABOUT_IDS,
    _SEVERAL_TITLES: _ABOUT_IDS,
    _NO_TIME: _ABOUT_TIMES,
    _LATE: _ABOUT_TIMES,
    _AHEAD: _ABOUT_TIMES,
}
"""What to do where a rule rejects much: then the rule, not the rows, may be at fault."""


def clean_ratings(
    raw: pd.DataFrame,
    known_titles: pd.Series,
    show_ids: pd.Series | None = None,
    *,
    rating_min: float = 0.5,
    rating_max: float = 5.0,
    rating_step: float = 0.5,
    now: float = YEAR_2100,
    received: Collection[str] = (),
    notes: Notes | None = None,
) -> Cleaned:
    """Clean raw ratings.

    A row is rejected when its user is no whole number, its timestamp cannot be read
    (`moments.read_moments`), is after the year 2099 or over a day after now (as the latest rating,
    it would be what every model is measured with), its title is not in the catalogue
    (`rated.find_titles`), or its rating is no number, outside the scale or off the grid. An exact
    repeat is dropped. Of several ratings of one (user, title) those of the source's files count
    before received ones, for anyone may send a rating in a user's name; then the latest is kept, of
    equally late ones the one that was read last.

    Args:
        raw: Raw ratings (n rows): `columns.RAW_RATING_COLUMNS` as text, `source_file`, `line`; the
            index is 0 to n - 1.
        known_titles: The ids of the clean titles (k).
        show_ids: Their ids without the platform's initial (k), for files that have none.
        rating_min: The lowest rating, in stars.
        rating_max: The highest rating, in stars.
        rating_step: The step of the grid that starts at `rating_min`, in stars.
        now: Seconds since 1970.
        received: The source files whose ratings the service received.
        notes: Take what was read otherwise than the format says.

    Returns:
        The clean ratings (`columns.CLEAN_RATING_COLUMNS` and `is_received`), sorted by user,
        timestamp and title, and what was dropped and rejected.
    """
    notes = Notes() if notes is None else notes
    users = _each_distinct(raw[c.RAW_USER], whole_numbers)
    times = read_moments(raw, notes)
    ratings = _each_distinct(raw[c.RAW_RATING], _decimals)
    scale = RatingScale(rating_min, rating_max, rating_step)
    in_order = known_titles.sort_values()
    title_ids = pd.Index(in_order, dtype="str")
    without_initial = None if show_ids is None else show_ids.loc[in_order.index]
    title_codes = find_titles(raw, title_ids, without_initial, notes)

    ledger = Ledger(raw)
    ledger.reject(users < 0, "userId is not a whole number", c.RAW_USER)
    ledger.reject(title_codes == AMBIGUOUS, _SEVERAL_TITLES, c.RAW_TITLE_ID)
    ledger.reject(title_codes < 0, _NO_TITLE, c.RAW_TITLE_ID)
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
    ledger.reject(times < 0, _NO_TIME, c.RAW_TIMESTAMP)
    ledger.reject(times >= YEAR_2100, _LATE, c.RAW_TIMESTAMP)
    ledger.reject(times > now + _DAY, _AHEAD, c.RAW_TIMESTAMP)

    values = pd.DataFrame({"user": users, "title": title_codes, "rating": ratings, "time": times})
    values[c.IS_RECEIVED] = raw[c.SOURCE_FILE].isin(received)
    sound = ledger.sound
    ledger.drop(_spread(outranked(values[sound], _PAIR), sound), _OUTRANKED)
    sound = ledger.sound
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
            c.IS_RECEIVED: kept[c.IS_RECEIVED].to_numpy(),
        }
    )
    return ledger.close(clean)


def _each_distinct(
    column: pd.Series, parse: Callable[[pd.Series], npt.NDArray[Any]]
) -> npt.NDArray[Any]:
    """Parse each distinct text once; columns repeat the same few texts millions of times."""
    codes, texts = pd.factorize(column)
    return parse(pd.Series(texts, dtype="str"))[codes]


def _decimals(texts: pd.Series) -> npt.NDArray[np.float64]:
    """Read decimal numbers, with a comma as well; NaN stands for a text that is none."""
    stripped = texts.str.strip()
    read = stripped.where(stripped.str.fullmatch(_DECIMAL)).str.replace(",", ".", regex=False)
    return np.asarray(read, dtype=np.float64)


def _superfluous(values: pd.DataFrame) -> tuple[Mask, Mask]:
    """Mark exact repeats of later rows, and ratings with a later one of the same user and title.

    Only the few (user, title) pairs that occur repeatedly are compared.
    """
    repeated = np.zeros(len(values), dtype=bool)
    superseded = np.zeros(len(values), dtype=bool)
    candidates = np.flatnonzero(values.duplicated(_PAIR, keep=False))
    contested = values.iloc[candidates]

    is_repeat = contested.duplicated(keep="last").to_numpy()
    repeated[candidates] = is_repeat
    superseded[candidates[~is_repeat]] = outdated(contested[~is_repeat], _PAIR, "time")
    return repeated, superseded


def _spread(mask: Mask, sound: Mask) -> Mask:
    """Put a mask over the sound rows into one over all rows."""
    spread = np.zeros(len(sound), dtype=bool)
    spread[sound] = mask
    return spread
