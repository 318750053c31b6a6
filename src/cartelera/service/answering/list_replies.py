"""What the service answers when asked for a list of titles: plain values, ready for JSON."""

from dataclasses import dataclass

from cartelera.service.answering.filters import Filters
from cartelera.service.answering.title_info import TitleInfo, Version


@dataclass(frozen=True)
class Because:
    """A rating that speaks for a title, and more for it than for the other titles of the list.

    Attributes:
        title: What the user rated.
        rating: What they gave it, in stars.
        contribution: Its part of the title's `score`: these parts of all ratings, and that of what
            is popular, add up to the score.
    """

    title: TitleInfo
    rating: float
    contribution: float


@dataclass(frozen=True)
class RankedTitle:
    """One line of a list of recommendations.

    Attributes:
        rank: 1 for the best.
        title: The title; of a film or series that passes the filters on several platforms, the
            version on the first of them.
        also_on: Its other versions that pass.
        origin: Where it comes from: `ranking` (people with the same ratings went on to it),
            `content` (nobody has rated it, but it is like what the user rated), or `popularity`
            (what everybody watches makes up most of its score).
        score: What the list is sorted by: how well the title suits the user, without a unit.
            Those of `content` and of other titles are not to be compared, nor are those of two
            lists, and `diversity` may put a title before one of a higher score.
        stars: The predicted rating, in stars; null for a title that nobody has rated.
        popular: Whether what is popular with everyone speaks more for it than the user's ratings.
        because: The ratings that speak for it, up to three; all of 3.5 stars or more.
    """

    rank: int
    title: TitleInfo
    also_on: list[Version]
    origin: str
    score: float
    stars: float | None
    popular: bool
    because: list[Because]


@dataclass(frozen=True)
class RecommendationList:
    """Titles for a user, best first; a film or series stands in it once.

    Attributes:
        user_id: The user; null for someone new.
        k: The length asked for; the list is shorter when fewer titles are left.
        platforms: The platforms asked for.
        type: The type asked for: `movie`, `tv show` or `all`.
        filters: All filters as they were read.
        diversity: How much a title counts for less that is like those before it, 0 to 1.
        origin: How the list was made: by `ranking`, from the user's ratings, or by `popularity`,
            for somebody of whom no rating is known.
        recommend_at: A title is worth recommending from this predicted rating on, in stars.
        titles: The list.
        new_to_everyone: A second, short list: titles that nobody has rated yet, close to what the
            user likes. None of them is in the first.
        ignored: Ids of rated titles that the model does not know, so that they had no say.
    """

    user_id: int | None
    k: int
    platforms: list[str]
    type: str
    filters: Filters
    diversity: float
    origin: str
    recommend_at: float
    titles: list[RankedTitle]
    new_to_everyone: list[RankedTitle]
    ignored: list[str]


@dataclass(frozen=True)
class SimilarTitle:
    """One line of a list of similar titles.

    Attributes:
        rank: 1 for the most similar.
        title: The title.
        also_on: Its other versions that pass the filters.
        similarity: How like both titles are, by who rated them and by what the catalogue says of
            them; at most 1.
    """

    rank: int
    title: TitleInfo
    also_on: list[Version]
    similarity: float


@dataclass(frozen=True)
class SimilarTitles:
    """Titles like another one, most similar first.

    Attributes:
        title: The title compared with.
        k: The length asked for.
        filters: The filters as they were read.
        known: Whether the model knows the title; otherwise it has no similar ones.
        titles: The list.
    """

    title: TitleInfo
    k: int
    filters: Filters
    known: bool
    titles: list[SimilarTitle]


@dataclass(frozen=True)
class TitlesToRate:
    """Titles for a newcomer to rate first: known to many, and different from each other.

    Attributes:
        k: The length asked for; the list is shorter when fewer titles are left.
        filters: The filters as they were read.
        titles: The list, the most telling first.
    """

    k: int
    filters: Filters
    titles: list[TitleInfo]
