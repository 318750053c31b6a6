"""Invented films and series, whatever platforms they stand on."""

from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cartelera import columns as c
from cartelera.sources import _words as words

FloatArray = NDArray[np.float64]

EARLIEST_ADDED: Final = 2015
LATEST_YEAR: Final = 2021

_MOVIE_SHARES: Final[dict[str, float]] = {
    c.AMAZON: 0.81,
    c.DISNEY: 0.73,
    c.HULU: 0.52,
    c.NETFLIX: 0.70,
}
_LONGEST_CAST: Final = 9


class _People(NamedTuple):
    """The people of one culture, the busiest first.

    Attributes:
        names: Shape (n_people,).
        shares: How often each is chosen, shape (n_people,).
        factors: What each says about the taste of a title, shape (n_people, N_FACTORS).
    """

    names: NDArray[np.str_]
    shares: FloatArray
    factors: FloatArray


class Work(NamedTuple):
    """A film or series, whatever platforms it stands on."""

    genres: list[int]
    is_movie: bool
    title: str
    director: str
    cast: str
    cast_factors: FloatArray
    country: str
    release_year: int
    duration: str
    plot: str


def invent_works(
    platforms: list[str],
    genres: list[list[int]],
    works: NDArray[np.intp],
    rng: np.random.Generator,
) -> dict[int, Work]:
    """Invent each work once, by the position of its first title."""
    people = [_people(culture, rng) for culture in words.CULTURES]
    weights = np.array([culture.weight for culture in words.CULTURES])
    cultures = rng.choice(len(weights), size=len(works), p=weights / weights.sum()).tolist()
    invented = {
        first: _work(
            platforms[first],
            genres[first],
            words.CULTURES[cultures[first]],
            people[cultures[first]],
            rng,
        )
        for first in np.unique(works).tolist()
    }

    # Two works of one name would be taken for one.
    names = _told_apart(pd.Series([work.title for work in invented.values()], dtype="str"))
    return {
        first: work._replace(title=name)
        for (first, work), name in zip(invented.items(), names, strict=True)
    }


def _work(
    platform: str,
    genres: list[int],
    culture: words.Culture,
    people: _People,
    rng: np.random.Generator,
) -> Work:
    is_movie = bool(rng.random() < _MOVIE_SHARES[words.model_of(platform)])
    added = int(rng.integers(EARLIEST_ADDED, LATEST_YEAR + 1))
    cast_size = 1 + rng.binomial(_LONGEST_CAST - 1, 0.45)
    cast = rng.choice(len(people.names), size=cast_size, replace=False, p=people.shares)

    return Work(
        genres=genres,
        is_movie=is_movie,
        title=_title(culture, rng),
        director=str(rng.choice(people.names)),
        cast=", ".join(people.names[cast]),
        cast_factors=people.factors[cast].mean(axis=0),
        country=_country(culture, rng),
        release_year=max(1921, added - int(rng.exponential(7))),
        duration=_duration(is_movie, words.FAMILY in genres, rng),
        plot=_plot(words.GENRES[genres[0]], culture, rng),
    )


def _people(culture: words.Culture, rng: np.random.Generator) -> _People:
    names = [f"{given} {family}" for given in culture.given for family in culture.family]
    shares = 1 / (np.arange(len(names)) + 12.0)
    factors = rng.standard_normal((len(names), words.N_FACTORS))
    return _People(rng.permutation(names), shares / shares.sum(), factors)


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
    home = one_of(culture.countries, rng)
    others = [country for country in ("United States", "France", "Germany") if country != home]
    return f"{home}, {_any(tuple(others), rng)}" if rng.random() < 0.12 else home


def _duration(is_movie: bool, is_family: bool, rng: np.random.Generator) -> str:
    if is_movie:
        minutes = rng.normal(84 if is_family else 104, 17)
        return f"{int(np.clip(minutes, 24, 215))} min"
    seasons = int(rng.geometric(0.55))
    return "1 Season" if seasons == 1 else f"{seasons} Seasons"


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


def one_of(choices: tuple[str, ...], rng: np.random.Generator) -> str:
    """Draw one word, the first the most often."""
    weights = (np.arange(len(choices)) + 1.0) ** -1.2
    return choices[int(rng.choice(len(choices), p=weights / weights.sum()))]


def _any(choices: tuple[str, ...], rng: np.random.Generator) -> str:
    return choices[int(rng.integers(len(choices)))]
