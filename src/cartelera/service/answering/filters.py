"""What narrows a list of titles, and what there is to choose from."""

from dataclasses import dataclass

from cartelera.catalogue.arguments import ALL


@dataclass(frozen=True)
class Filters:
    """What a list may hold; nothing given means no restriction.

    Attributes:
        platforms: The platforms somebody has; none means all.
        type: `movie`, `tv show` or `all`.
        year_from: Earliest release year.
        year_to: Latest release year.
        genre: A genre the titles are listed in, one of `Facets.genres`.
        min_minutes: Shortest duration in minutes; what is measured in seasons never passes.
        max_minutes: Longest duration in minutes; what is measured in seasons never passes.
        certificates: Age labels, some of `Facets.certificates`. A title whose label was not
            published, but filled in, never passes.
        without: Ids of titles that it may not hold on any platform; unknown ones do not matter.
        seen: Whether the list may hold titles the user has rated.
    """

    platforms: tuple[str, ...] = ()
    type: str = ALL
    year_from: int | None = None
    year_to: int | None = None
    genre: str | None = None
    min_minutes: int | None = None
    max_minutes: int | None = None
    certificates: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    seen: bool = False


@dataclass(frozen=True)
class Facets:
    """What the filters can choose from: the values that occur in the catalogue.

    Attributes:
        platforms: All platforms.
        types: All types.
        genres: All genres, alphabetically.
        certificates: All published age labels, alphabetically.
        year_from: The earliest release year; null without titles.
        year_to: The latest release year.
        min_minutes: The shortest duration in minutes; null if no title has one.
        max_minutes: The longest duration in minutes.
        n_titles: How many titles there are.
    """

    platforms: list[str]
    types: list[str]
    genres: list[str]
    certificates: list[str]
    year_from: int | None
    year_to: int | None
    min_minutes: int | None
    max_minutes: int | None
    n_titles: int
