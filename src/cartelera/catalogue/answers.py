"""What the four catalogue queries answer: plain values, ready for JSON by `dataclasses.asdict`."""

from dataclasses import dataclass


@dataclass(frozen=True)
class LongTitle:
    """A title that is the longest of its kind.

    Attributes:
        id: The title's id, such as `ns1`.
        title: Its name in lower case.
        display_title: Its name as published.
        platform: Where it can be watched.
        type: `movie` or `tv show`.
        release_year: The year it came out.
    """

    id: str
    title: str
    display_title: str
    platform: str
    type: str
    release_year: int


@dataclass(frozen=True)
class MaxDuration:
    """The longest titles.

    Attributes:
        found: Whether any title matches.
        duration_int: The greatest length, null if nothing matches.
        duration_type: Its unit, `min` or `season`.
        titles: All titles of that length by title, up to a cap.
        ties: How many titles are that long, those beyond the cap included.
        reading: How the question was read.
    """

    found: bool
    duration_int: int | None
    duration_type: str
    titles: list[LongTitle]
    ties: int
    reading: str


@dataclass(frozen=True)
class ScoreCount:
    """How many titles score above a threshold.

    Attributes:
        found: Whether any title counts.
        count: How many titles of the wanted type.
        by_type: The same for `movie` and for `tv show`, wanted or not.
        reading: How the question was read.
    """

    found: bool
    count: int
    by_type: dict[str, int]
    reading: str


@dataclass(frozen=True)
class PlatformCount:
    """How many titles a platform has.

    Attributes:
        found: Whether any title counts.
        count: How many titles of the wanted type.
        by_type: The same for `movie` and for `tv show`, wanted or not.
        by_platform: Titles of the wanted type on each platform asked for.
        reading: How the question was read.
    """

    found: bool
    count: int
    by_type: dict[str, int]
    by_platform: dict[str, int]
    reading: str


@dataclass(frozen=True)
class TopActor:
    """The actors in most titles.

    Attributes:
        found: Whether any actor matches.
        actors: All actors with that many titles by name, up to a cap.
        appearances: In how many titles each of them plays, or in how many works where all platforms
            are meant together; null if nothing matches.
        ties: How many actors there are, those beyond the cap included.
        reading: How the question was read.
    """

    found: bool
    actors: list[str]
    appearances: int | None
    ties: int
    reading: str
