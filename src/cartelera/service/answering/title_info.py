"""What there is to show of a title."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class TitleInfo:
    """What to show of a title in a list.

    Attributes:
        title_id: Its id, such as `ns1`.
        work_id: The id that stands for the work: one film or series has the same on all platforms.
        title: Its clean title, in lower case.
        display_title: Its title as published.
        platform: Where it can be watched.
        type: `movie` or `tv show`.
        year: Its release year.
        duration: How long it is, if that is known.
        duration_type: The unit of the duration: `min` or `season`.
        genres: What it is listed in.
        certificate: Its age label; null if none was published.
        score: The mean of its ratings, in stars; null if nobody rated it.
        n_ratings: How many ratings it has.
    """

    title_id: str
    work_id: str
    title: str
    display_title: str
    platform: str
    type: str
    year: int
    duration: int | None
    duration_type: str | None
    genres: list[str]
    certificate: str | None
    score: float | None
    n_ratings: int


@dataclass(frozen=True)
class Version:
    """The same film or series once more.

    Attributes:
        title_id: Its id there.
        platform: Where it can be watched too.
    """

    title_id: str
    platform: str


def platforms_of(title: TitleInfo, also_on: Iterable[Version]) -> list[str]:
    """Return all platforms a film or series is on, each once, that of the title first."""
    return list(dict.fromkeys([title.platform, *(each.platform for each in also_on)]))


@dataclass(frozen=True)
class TitleDetail(TitleInfo):
    """All there is to show of a title.

    Attributes:
        cast: Who plays in it, as published.
        directors: Who directed it, as published.
        countries: Where it was made.
        description: What it is about, as published.
        date_added: When it came to the platform, `YYYY-MM-DD`.
        has_model: Whether the ranking model knows it, so that it can be recommended.
        also_on: The other versions of the same work.
    """

    cast: list[str]
    directors: list[str]
    countries: list[str]
    description: str | None
    date_added: str | None
    has_model: bool
    also_on: list[Version]
