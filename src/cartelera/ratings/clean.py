"""Raw ratings in, clean ratings out: one row a (user, title)."""

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from cartelera import columns as c
from cartelera.accounting import Cleaned, Ledger, Mask
from cartelera.notes import Notes
from cartelera.ratings.kinds import FileKind, kinds_of, note
from cartelera.ratings.latest import outdated
from cartelera.ratings.moments import YEAR_2100, plain_numbers, read_moments, whole_numbers
from cartelera.ratings.rated import AMBIGUOUS, KnownTitles
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
    kinds: Mapping[str, FileKind] | None = None,
    notes: Notes | None = None,
) -> Cleaned:
    """Clean raw ratings.

    A row is rejected when its user is no whole number, its timestamp cannot be read
    (`moments.read_moments`), is after the year 2099 or over a day after now (as the latest rating,
    it would be what every model is measured with), its title is not in the catalogue
    (`rated.KnownTitles`), or its rating is no number, outside the scale or off the grid. An exact
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
        kinds: What kind each file is; by the rows given, if left out.
        notes: Take what was read otherwise than the format says, if `kinds` is left out.

    Returns:
        The clean ratings (`columns.CLEAN_RATING_COLUMNS` and `is_received`), sorted by user,
        timestamp and title, and what was dropped and rejected.
    """
    titles = KnownTitles.of(known_titles, show_ids)
    if kinds is None:
        kinds = kinds_of(raw, titles)
        note(kinds, Notes() if notes is None else notes)
    users = read_users(raw)
    times = _seconds(raw, kinds)
    ratings = _each_distinct(raw[c.RAW_RATING], _decimals)
    scale = RatingScale(rating_min, rating_max, rating_step)
    title_codes = _find_titles(raw, titles, kinds)

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
            c.TITLE_ID: titles.ids.take(kept["title"].to_numpy()),
            c.RATING: kept["rating"].to_numpy(),
            c.TIMESTAMP: kept["time"].to_numpy(),
            c.IS_RECEIVED: kept[c.IS_RECEIVED].to_numpy(),
        }
    )
    return ledger.close(clean)


def read_users(raw: pd.DataFrame) -> npt.NDArray[np.int64]:
    """Return the user of each raw rating (n); -1 stands for a text that is no whole number."""
    numbers = plain_numbers(raw[c.RAW_USER])
    return _each_distinct(raw[c.RAW_USER], whole_numbers) if numbers is None else numbers


def _seconds(raw: pd.DataFrame, kinds: Mapping[str, FileKind]) -> npt.NDArray[np.int64]:
    """Return when ratings were given (n), in seconds since 1970-01-01 UTC; -1 if that is unread."""
    moments = read_moments(raw[c.RAW_TIMESTAMP])
    divisors = _of_file(raw, {name: kind.divisor for name, kind in kinds.items()})
    in_units = (moments.numbers >= 0) & ~moments.are_dates
    return np.where(in_units, moments.numbers // divisors, moments.numbers)


def _find_titles(
    raw: pd.DataFrame, titles: KnownTitles, kinds: Mapping[str, FileKind]
) -> npt.NDArray[np.int64]:
    """Return the place of each rating's title (n), as `KnownTitles` does."""
    found = titles.by_id(raw[c.RAW_TITLE_ID])
    without = _of_file(raw, {name: kind.has_show_ids for name, kind in kinds.items()}) == 1
    if titles.show_ids is not None and without.any():
        found[without] = titles.by_show_id(raw.loc[without, c.RAW_TITLE_ID])
    return found


def _of_file(raw: pd.DataFrame, values: Mapping[str, int]) -> npt.NDArray[np.int64]:
    """Return of each row (n) what holds for its file."""
    codes, names = pd.factorize(raw[c.SOURCE_FILE])
    return np.array([values[str(name)] for name in names], dtype=np.int64)[codes]


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
