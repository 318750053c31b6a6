"""Operations about what there is to watch."""

from typing import TYPE_CHECKING, Final

from cartelera.catalogue import answers as catalogue
from cartelera.service import parameters as p
from cartelera.service.answering.filters import Facets
from cartelera.service.answering.replies import TitlePage
from cartelera.service.answering.title_info import TitleDetail
from cartelera.service.operations import example_titles as e
from cartelera.service.operations.definition import NO_TITLE, ListQuestion, Operations, Question

if TYPE_CHECKING:
    from cartelera.service.answering.answers import Answers


OPERATIONS: Final = Operations("catalogue")


class MaxDurationQuestion(Question):
    """Parameters of `get_max_duration`."""

    year: p.Year | None = None
    platform: p.Platform | None = None
    duration_type: p.DurationType | None = None
    type: p.TitleType | None = None


@OPERATIONS.get(
    "/get_max_duration",
    is_quick=True,
    is_native=True,
    is_cached=True,
    example={
        "found": True,
        "duration_int": 157,
        "duration_type": "min",
        "titles": [
            {
                "id": "hs1950",
                "title": "loro",
                "display_title": "Loro",
                "platform": "hulu",
                "type": "movie",
                "release_year": 2018,
            }
        ],
        "ties": 1,
        "reading": "The longest in minutes among movies and tv shows on hulu released in 2018.",
    },
)
def get_max_duration(answers: "Answers", question: MaxDurationQuestion) -> catalogue.MaxDuration:
    """Return the longest title; minutes and seasons are never compared."""
    return answers.noted(answers.queries.get_max_duration(**question.given()))


class ScoreCountQuestion(Question):
    """Parameters of `get_score_count`."""

    scored: p.Stars
    platform: p.Platform | None = None
    year: p.Year | None = None
    type: p.TitleType | None = None


@OPERATIONS.get(
    "/get_score_count",
    is_quick=True,
    is_native=True,
    is_cached=True,
    example={
        "found": True,
        "count": 109,
        "by_type": {"movie": 109, "tv show": 31},
        "reading": "The number of movies on netflix released in 2011 whose mean rating is above "
        "3.5.",
    },
)
def get_score_count(answers: "Answers", question: ScoreCountQuestion) -> catalogue.ScoreCount:
    """Count the titles with a score strictly above `scored`."""
    return answers.noted(answers.queries.get_score_count(**question.given()))


class CountPlatformQuestion(Question):
    """Parameters of `get_count_platform`."""

    platform: p.Platform | None = None
    type: p.TitleType | None = None


@OPERATIONS.get(
    "/get_count_platform",
    is_quick=True,
    is_native=True,
    is_cached=True,
    example={
        "found": True,
        "count": 1052,
        "by_type": {"movie": 1052, "tv show": 398},
        "by_platform": {"disney": 1052},
        "reading": "The number of movies on disney released in any year.",
    },
)
def get_count_platform(
    answers: "Answers", question: CountPlatformQuestion
) -> catalogue.PlatformCount:
    """Count the titles of a platform, or of all."""
    return answers.noted(answers.queries.get_count_platform(**question.given()))


class ActorQuestion(Question):
    """Parameters of `get_actor`."""

    platform: p.Platform | None = None
    year: p.Year | None = None
    type: p.TitleType | None = None


@OPERATIONS.get(
    "/get_actor",
    is_quick=True,
    is_native=True,
    is_cached=True,
    example={
        "found": True,
        "actors": ["alok nath", "karisma kapoor", "salman khan"],
        "appearances": 3,
        "ties": 3,
        "reading": "The actors in most of the movies and tv shows on netflix released in 1999, "
        "each title counted once.",
    },
)
def get_actor(answers: "Answers", question: ActorQuestion) -> catalogue.TopActor:
    """Return the actor in most titles."""
    return answers.noted(answers.queries.get_actor(**question.given()))


class TitlesQuestion(ListQuestion):
    """Parameters of `titles`."""

    words: p.Words | None = None
    offset: p.Offset | None = None


@OPERATIONS.get(
    "/titles",
    is_quick=True,
    example={
        "words": "log",
        "filters": e.FILTERS,
        "total": 1,
        "offset": 0,
        "titles": [e.LOGAN],
    },
)
def titles(answers: "Answers", question: TitlesQuestion) -> TitlePage:
    """Find titles by words and filters, a page at a time: better matches first."""
    return answers.search_titles(
        question.words or "", question.filters(), question.k, question.offset or 0
    )


@OPERATIONS.get(
    "/facets",
    is_quick=True,
    example={
        "platforms": ["amazon", "disney", "hulu", "netflix"],
        "types": ["movie", "tv show"],
        "genres": ["action", "thriller"],
        "certificates": ["pg-13", "r"],
        "year_from": 1920,
        "year_to": 2021,
        "min_minutes": 1,
        "max_minutes": 601,
        "n_titles": 22998,
    },
)
def facets(answers: "Answers") -> Facets:
    """Return the platforms, genres, age labels, years and minutes that filters can choose from."""
    return answers.facets()


@OPERATIONS.get(
    "/titles/{title_id}",
    is_quick=True,
    refusals=NO_TITLE,
    example={
        **e.LOGAN,
        "cast": ["Hugh Jackman", "Dafne Keen", "Patrick Stewart"],
        "directors": ["James Mangold"],
        "countries": ["united states"],
        "description": "In the near future, a weary Logan cares for an ailing Professor X.",
        "date_added": "2021-10-22",
        "has_model": True,
        "also_on": [{"title_id": "ns4071", "platform": "netflix"}],
    },
)
def title(answers: "Answers", title_id: p.TitleId) -> TitleDetail:
    """Return all there is to know about a title."""
    return answers.title(title_id)
