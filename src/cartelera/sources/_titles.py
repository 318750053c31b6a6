"""Invented titles in the raw format, without flaws yet."""

from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from cartelera import columns as c
from cartelera.sources import _words as words

_PLATFORM_SIZES: Final = (9668, 1450, 3073, 8807)
_MOVIE_SHARES: Final[dict[str, float]] = {
    c.AMAZON: 0.81,
    c.DISNEY: 0.73,
    c.HULU: 0.52,
    c.NETFLIX: 0.70,
}
_FAMILY_CERTIFICATES: Final[dict[str, tuple[str, ...]]] = {
    c.AMAZON: ("ALL", "7+", "G", "TV-Y", "TV-G", "TV-Y7", "ALL_AGES"),
    c.DISNEY: ("TV-G", "G", "TV-Y7", "TV-Y", "TV-Y7-FV"),
    c.HULU: ("TV-G", "TV-Y7", "TV-Y", "G"),
    c.NETFLIX: ("TV-Y7", "TV-Y", "TV-G", "PG", "G", "TV-Y7-FV"),
}
_GENERAL_CERTIFICATES: Final[dict[str, tuple[str, ...]]] = {
    c.AMAZON: ("13+", "16+", "18+", "R", "PG-13", "PG", "NR", "TV-14", "TV-PG", "TV-NR", "TV-MA",
               "UNRATED", "NC-17", "AGES_18_", "NOT_RATE", "AGES_16_", "16"),
    c.DISNEY: ("TV-PG", "PG", "TV-14", "PG-13"),
    c.HULU: ("TV-14", "TV-MA", "R", "TV-PG", "PG-13", "PG", "NR"),
    c.NETFLIX: ("TV-MA", "TV-14", "TV-PG", "R", "PG-13", "PG", "NR", "NC-17", "UR"),
}  # fmt: skip
_LATEST_YEAR: Final = 2021
_LONGEST_CAST: Final = 9


class InventedTitles(NamedTuple):
    """Titles and what the planted opinions need to know about them.

    Attributes:
        catalogues: Platform to a table of strings with the raw columns.
        ids: Title ids over all platforms.
        darkness: What each title's genres say about the planted taste, in the order of `ids`.
        appeal: How much its genres are liked, in the order of `ids`.
    """

    catalogues: dict[str, pd.DataFrame]
    ids: np.ndarray
    darkness: np.ndarray
    appeal: np.ndarray


class _Cast(NamedTuple):
    """The people of one culture, the busiest first."""

    names: np.ndarray
    shares: np.ndarray


def invent_titles(n_titles: int, rng: np.random.Generator) -> InventedTitles:
    """Invent titles for all platforms, in their real proportions."""
    platforms = _platform_of_each(n_titles)
    people = [_people(culture, rng) for culture in words.CULTURES]
    weights = np.array([culture.weight for culture in words.CULTURES])
    cultures = rng.choice(len(weights), size=n_titles, p=weights / weights.sum()).tolist()
    genres = [_genres(platform, rng) for platform in platforms]
    rows = [
        _row(platform, chosen, words.CULTURES[int(culture)], people[int(culture)], rng)
        for platform, chosen, culture in zip(platforms, genres, cultures, strict=True)
    ]
    titles = pd.DataFrame(rows, columns=list(c.RAW_TITLE_COLUMNS[1:]), dtype="str")
    titles[c.TITLE] = _told_apart(titles[c.TITLE])
    numbers = titles.groupby(platforms).cumcount() + 1
    titles.insert(0, c.SHOW_ID, "s" + numbers.astype("str"))
    on = pd.Series(platforms)
    catalogues: dict[str, pd.DataFrame] = {
        platform: titles[on.eq(platform)].reset_index(drop=True) for platform in c.PLATFORMS
    }
    ids = [
        c.title_id(platform, str(show_id))
        for platform, catalogue in catalogues.items()
        for show_id in catalogue[c.SHOW_ID]
    ]
    darkness = [np.mean([words.GENRES[genre].darkness for genre in chosen]) for chosen in genres]
    appeal = [np.mean([words.GENRES[genre].appeal for genre in chosen]) for chosen in genres]
    return InventedTitles(catalogues, np.array(ids), np.array(darkness), np.array(appeal))


def _platform_of_each(n_titles: int) -> np.ndarray:
    """Deal titles to platforms in their real proportions, one platform after the other."""
    shares = np.cumsum(_PLATFORM_SIZES) / sum(_PLATFORM_SIZES)
    ends = np.round(shares * n_titles).astype(int)
    return np.repeat(list(c.PLATFORMS), np.diff(ends, prepend=0))


def _people(culture: words.Culture, rng: np.random.Generator) -> _Cast:
    names = [f"{given} {family}" for given in culture.given for family in culture.family]
    shares = 1 / (np.arange(len(names)) + 12.0)
    return _Cast(rng.permutation(names), shares / shares.sum())


def _genres(platform: str, rng: np.random.Generator) -> list[int]:
    """Choose one to three genres the platform has, as positions in `words.GENRES`."""
    on_platform = [k for k, genre in enumerate(words.GENRES) if platform in genre.spellings]
    weights = np.array([words.GENRES[k].weight for k in on_platform])
    if platform == c.DISNEY:
        weights[on_platform.index(words.FAMILY)] *= 5
    count = rng.choice(3, p=[0.4, 0.4, 0.2]) + 1
    chosen = rng.choice(on_platform, size=count, replace=False, p=weights / weights.sum())
    return [int(genre) for genre in chosen]


def _row(
    platform: str,
    genres: list[int],
    culture: words.Culture,
    people: _Cast,
    rng: np.random.Generator,
) -> tuple[str, ...]:
    """Make one raw row without its `show_id`, in the order of the raw columns."""
    is_movie = rng.random() < _MOVIE_SHARES[platform]
    is_family = words.FAMILY in genres
    added = int(rng.integers(2015, _LATEST_YEAR + 1))
    certificates = (_FAMILY_CERTIFICATES if is_family else _GENERAL_CERTIFICATES)[platform]
    cast_size = 1 + rng.binomial(_LONGEST_CAST - 1, 0.45)
    cast = rng.choice(people.names, size=cast_size, replace=False, p=people.shares)
    month, day = words.MONTHS[int(rng.integers(12))], int(rng.integers(1, 29))
    return (
        "Movie" if is_movie else "TV Show",
        _title(culture, rng),
        str(rng.choice(people.names)),
        ", ".join(cast),
        _country(culture, rng),
        f"{month} {day}, {added}",
        str(max(1921, added - int(rng.exponential(7)))),
        str(_one(certificates, rng)),
        _duration(is_movie, is_family, rng),
        ", ".join(sorted(_spelling(words.GENRES[genre], platform, is_movie) for genre in genres)),
        _plot(words.GENRES[genres[0]], culture, rng),
    )


def _one(choices: tuple[str, ...], rng: np.random.Generator) -> str:
    """Draw one word, the first the most often."""
    weights = (np.arange(len(choices)) + 1.0) ** -1.2
    return choices[int(rng.choice(len(choices), p=weights / weights.sum()))]


def _any(choices: tuple[str, ...], rng: np.random.Generator) -> str:
    return choices[int(rng.integers(len(choices)))]


def _title(culture: words.Culture, rng: np.random.Generator) -> str:
    if culture.heads and rng.random() < 0.4:
        return f"{_any(culture.heads, rng)} {_any(culture.tails, rng)}"
    noun, other = (words.NOUNS[int(k)] for k in rng.choice(len(words.NOUNS), 2, replace=False))
    return _any(words.TITLE_PATTERNS, rng).format(
        adjective=_any(words.ADJECTIVES, rng),
        noun=noun,
        other=other,
        place=_any(words.PLACES, rng),
        given=_any(culture.given, rng),
    )


def _country(culture: words.Culture, rng: np.random.Generator) -> str:
    home = _one(culture.countries, rng)
    others = [country for country in ("United States", "France", "Germany") if country != home]
    return f"{home}, {_any(tuple(others), rng)}" if rng.random() < 0.12 else home


def _duration(is_movie: bool, is_family: bool, rng: np.random.Generator) -> str:
    if is_movie:
        minutes = rng.normal(84 if is_family else 104, 17)
        return f"{int(np.clip(minutes, 24, 215))} min"
    seasons = int(rng.geometric(0.55))
    return "1 Season" if seasons == 1 else f"{seasons} Seasons"


def _spelling(genre: words.Genre, platform: str, is_movie: bool) -> str:
    if platform == c.NETFLIX and not is_movie:
        return genre.show_spelling
    return genre.spellings[platform]


def _plot(genre: words.Genre, culture: words.Culture, rng: np.random.Generator) -> str:
    return _any(genre.plots, rng).format(
        job=_any(words.JOBS, rng),
        place=_any(words.PLACES, rng),
        thing=_any(words.THINGS, rng),
        name=_any(culture.given, rng),
    )


def _told_apart(titles: pd.Series) -> pd.Series:
    """Number the sequels: of several titles of one name, the second gets a 2."""
    part = titles.groupby(titles).cumcount() + 1
    return titles.where(part == 1, titles + " " + part.astype("str"))
