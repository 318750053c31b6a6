"""Invented titles in the raw format, without flaws yet."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cartelera import columns as c
from cartelera.platforms import PUBLISHED, Platforms
from cartelera.sources import _words as words
from cartelera.sources._works import (
    EARLIEST_ADDED,
    LATEST_YEAR,
    FloatArray,
    Work,
    invent_works,
    one_of,
)

_SIZES: Final = {c.AMAZON: 9668, c.DISNEY: 1450, c.HULU: 3073, c.NETFLIX: 8807}
_USUAL_SIZE: Final = 3000
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
_SHARE_ON_TWO_PLATFORMS: Final = 0.02


class InventedTitles(NamedTuple):
    """Titles and what the planted opinions need to know about them.

    Attributes:
        catalogues: Platform to a table of strings with the raw columns.
        ids: Title ids over all platforms, shape (n_titles,).
        works: Position in `ids` of the first title of the same work, shape (n_titles,); most
            titles are a work of their own, some share one with a title of another platform.
        genre_factors: What each title's genres say about the planted taste, shape
            (n_titles, N_FACTORS).
        cast_factors: What its cast says, of the same shape.
        appeal: How much its genres are liked, shape (n_titles,).
    """

    catalogues: dict[str, pd.DataFrame]
    ids: NDArray[np.str_]
    works: NDArray[np.intp]
    genre_factors: FloatArray
    cast_factors: FloatArray
    appeal: FloatArray


def invent_titles(
    n_titles: int, rng: np.random.Generator, table: Platforms = PUBLISHED
) -> InventedTitles:
    """Invent titles for all platforms, in their real proportions.

    A platform whose catalogue is not published labels and names things as Netflix does.

    No two works have the same name; about two in a hundred works stand on two platforms.
    """
    platforms = _platform_of_each(n_titles, table.names)
    genres = [_genres(platform, rng) for platform in platforms]
    works = _work_of_each(platforms, genres, rng)
    invented = invent_works(platforms, genres, works, rng)
    work_of_each = [invented[work] for work in works.tolist()]

    rows = [
        _row(platform, work, rng) for platform, work in zip(platforms, work_of_each, strict=True)
    ]
    titles = pd.DataFrame(rows, columns=list(c.RAW_TITLE_COLUMNS[1:]), dtype="str")

    # Each platform numbers its own titles, as the published ones do.
    numbers = titles.groupby(pd.Series(platforms)).cumcount() + 1
    titles.insert(0, c.SHOW_ID, "s" + numbers.astype("str"))
    on = pd.Series(platforms)
    catalogues: dict[str, pd.DataFrame] = {
        platform: titles[on.eq(platform)].reset_index(drop=True) for platform in table.names
    }
    ids = [
        table[platform].title_id(str(show_id))
        for platform, catalogue in catalogues.items()
        for show_id in catalogue[c.SHOW_ID]
    ]

    of_genres = np.array([(genre.darkness, genre.wonder) for genre in words.GENRES])
    appeals = np.array([genre.appeal for genre in words.GENRES])
    return InventedTitles(
        catalogues,
        np.array(ids),
        works,
        np.array([of_genres[work.genres].mean(axis=0) for work in work_of_each]),
        np.array([work.cast_factors for work in work_of_each]),
        np.array([appeals[work.genres].mean() for work in work_of_each]),
    )


def _platform_of_each(n_titles: int, platforms: Sequence[str]) -> list[str]:
    """Deal titles to platforms in their real proportions, one platform after the other."""
    published = [_SIZES.get(platform, _USUAL_SIZE) for platform in platforms]
    shares = np.cumsum(published) / sum(published)
    ends = np.round(shares * n_titles).astype(int)
    sizes = np.diff(ends, prepend=0).tolist()
    return [platform for platform, size in zip(platforms, sizes, strict=True) for _ in range(size)]


def _genres(platform: str, rng: np.random.Generator) -> list[int]:
    """Choose one to three genres the platform has, as positions in `words.GENRES`."""
    on_platform = [k for k, genre in enumerate(words.GENRES) if genre.on(platform)]
    weights = np.array([words.GENRES[k].weight for k in on_platform])
    if platform == c.DISNEY:
        weights[on_platform.index(words.FAMILY)] *= 5
    count = rng.choice(3, p=[0.4, 0.4, 0.2]) + 1
    chosen = rng.choice(on_platform, size=count, replace=False, p=weights / weights.sum())
    return [int(genre) for genre in chosen]


def _work_of_each(
    platforms: list[str], genres: list[list[int]], rng: np.random.Generator
) -> NDArray[np.intp]:
    """Let some pairs of titles of two platforms be one work.

    Returns:
        For each title the position of the first title of its work, shape (n_titles,).
    """
    works = np.arange(len(platforms))
    pairs = np.sort(rng.permutation(len(works))[: len(works) // 2 * 2].reshape(-1, 2), axis=1)

    # The second title of a pair becomes the first one's work.
    fits = [
        platforms[first] != platforms[second]
        and all(words.GENRES[genre].on(platforms[second]) for genre in genres[first])
        for first, second in pairs
    ]
    twins = pairs[fits][: round(_SHARE_ON_TWO_PLATFORMS * len(works))]
    works[twins[:, 1]] = twins[:, 0]
    return works


def _row(platform: str, work: Work, rng: np.random.Generator) -> tuple[str, ...]:
    """Make one raw row without its `show_id`, in the order of the raw columns.

    When it was added, its certificate and what its genres are called are the platform's own.
    """
    is_family = words.FAMILY in work.genres
    by_platform = _FAMILY_CERTIFICATES if is_family else _GENERAL_CERTIFICATES
    certificates = by_platform.get(platform, by_platform[c.NETFLIX])

    # A title is published in its platform's words, and added after it was released.
    spellings = [_spelling(words.GENRES[genre], platform, work.is_movie) for genre in work.genres]
    first_year = max(EARLIEST_ADDED, work.release_year)
    month, day = words.MONTHS[int(rng.integers(12))], int(rng.integers(1, 29))

    return (
        "Movie" if work.is_movie else "TV Show",
        work.title,
        work.director,
        work.cast,
        work.country,
        f"{month} {day}, {rng.integers(first_year, LATEST_YEAR + 1)}",
        str(work.release_year),
        str(one_of(certificates, rng)),
        work.duration,
        ", ".join(sorted(spellings)),
        work.plot,
    )


def _spelling(genre: words.Genre, platform: str, is_movie: bool) -> str:
    if platform == c.NETFLIX and not is_movie:
        return genre.show_spelling
    return genre.spellings[words.model_of(platform)]
