"""What the service answers about titles and users: plain values, ready for JSON."""

from dataclasses import dataclass
from typing import Any

from cartelera.service.answering.filters import Filters
from cartelera.service.answering.title_info import TitleInfo
from cartelera.service.problems import Problem


@dataclass(frozen=True)
class TitlePage:
    """Titles found by words and filters: the best match first, then alphabetically.

    Attributes:
        words: The words searched for.
        filters: The filters as they were read.
        total: How many titles match, those on other pages included.
        offset: How many of them come before this page.
        titles: This page.
    """

    words: str
    filters: Filters
    total: int
    offset: int
    titles: list[TitleInfo]


@dataclass(frozen=True)
class Interval:
    """Where the rating will lie.

    Attributes:
        low: In stars.
        high: In stars.
        coverage: How many of the ratings kept aside lay within such an interval, 0 to 1.
    """

    low: float
    high: float
    coverage: float


@dataclass(frozen=True)
class Prediction:
    """What a user would rate a title.

    Attributes:
        user_id: The user.
        title: The title.
        score: The predicted rating, in stars.
        recommended: Whether the score reaches `recommend_at`.
        recommend_at: The threshold, in stars.
        origin: `model`, `fold-in` if the model knows the user by their latest ratings only, or
            `fallback` where it knows the user or the title too little.
        baseline: The score without the user's taste, in stars: the mean rating, moved by how
            generous the user and how well liked the title is.
        interval: Where the rating will lie; null unless `origin` is `model` and its errors were
            measured.
        rating: What the user did rate the title, in stars; null if they did not.
    """

    user_id: int
    title: TitleInfo
    score: float
    recommended: bool
    recommend_at: float
    origin: str
    baseline: float
    interval: Interval | None
    rating: float | None


@dataclass(frozen=True)
class Predictions:
    """Many predictions.

    Attributes:
        predictions: One for each pair, in order; where no title has the id, what is wrong.
    """

    predictions: list[Prediction | Problem]


@dataclass(frozen=True)
class RatedTitle:
    """A title and what a user gave it.

    Attributes:
        title: The title.
        rating: In stars.
    """

    title: TitleInfo
    rating: float


@dataclass(frozen=True)
class Because:
    """A rating that speaks for a recommendation.

    Attributes:
        title: What the user rated.
        rating: What they gave it, in stars.
        contribution: What that adds to the predicted rating, in stars.
    """

    title: TitleInfo
    rating: float
    contribution: float


@dataclass(frozen=True)
class RankedTitle:
    """One line of a list of recommendations.

    Attributes:
        rank: 1 for the best.
        title: The title.
        score: The predicted rating, in stars.
        because: The user's ratings that speak most for it, up to three; none in a fallback list.
    """

    rank: int
    title: TitleInfo
    score: float
    because: list[Because]


@dataclass(frozen=True)
class RecommendationList:
    """Titles for a user, best first.

    Attributes:
        user_id: The user; null for someone new.
        k: The length asked for; the list is shorter when fewer titles are left.
        platforms: The platforms asked for.
        type: The type asked for: `movie`, `tv show` or `all`.
        filters: All filters as they were read.
        origin: `model`, `fold-in` for a user known by a few ratings only, or `fallback` (the
            titles with the best means) for an unknown user.
        recommend_at: A title is worth recommending from this predicted rating on, in stars.
        titles: The list.
        ignored: Ids of rated titles that the model does not know, so that they had no say.
    """

    user_id: int | None
    k: int
    platforms: list[str]
    type: str
    filters: Filters
    origin: str
    recommend_at: float
    titles: list[RankedTitle]
    ignored: list[str]


@dataclass(frozen=True)
class SimilarTitle:
    """One line of a list of similar titles.

    Attributes:
        rank: 1 for the most similar.
        title: The title.
        similarity: The cosine of both titles' factors, -1 to 1.
    """

    rank: int
    title: TitleInfo
    similarity: float


@dataclass(frozen=True)
class SimilarTitles:
    """Titles that are liked by the same people, most similar first.

    Attributes:
        title: The title compared with.
        k: The length asked for.
        filters: The filters as they were read.
        known: Whether the model knows the title; without ratings it has no similar ones.
        titles: The list.
    """

    title: TitleInfo
    k: int
    filters: Filters
    known: bool
    titles: list[SimilarTitle]


@dataclass(frozen=True)
class Receipt:
    """A rating that was received and is kept.

    Attributes:
        user_id: The user.
        title: The rated title.
        rating: In stars.
        timestamp: When it was received, seconds since 1970-01-01 UTC.
        replaced: What the user gave the title before, in stars; null if it is the first rating.
    """

    user_id: int
    title: TitleInfo
    rating: float
    timestamp: int
    replaced: float | None


@dataclass(frozen=True)
class UserProfile:
    """What is known of a user.

    Attributes:
        user_id: The user.
        n_ratings: How many titles they have rated.
        mean: The mean of their ratings, in stars; null without ratings.
        in_model: Whether the model was fitted with ratings of theirs.
        liked: Their best rated titles, best first, up to the length asked for.
    """

    user_id: int
    n_ratings: int
    mean: float | None
    in_model: bool
    liked: list[RatedTitle]


@dataclass(frozen=True)
class ModelInfo:
    """Which model answers.

    Attributes:
        name: Name of the registered model.
        version: Version of the registered model.
        trained_at: When it was trained, ISO 8601 in UTC; null if that was not written down.
        data_digest: SHA-256 of each part of the ratings it was trained on.
        taste: Whether there is taste in these ratings at all, as a sentence.
        metrics: Its errors and those of the baselines on ratings kept aside.
        intervals: How far ratings lie from its predictions, by predicted stars; null if that was
            not measured.
        recommend_at: A title is recommended from this predicted rating on, in stars.
        n_users: How many users it knows.
        n_titles: How many titles it knows.
        registered: What registering it said, the gate's verdict among it.
        card: The model card.
    """

    name: str
    version: str
    trained_at: str | None
    data_digest: dict[str, str]
    taste: str | None
    metrics: dict[str, Any] | None
    intervals: dict[str, Any] | None
    recommend_at: float
    n_users: int
    n_titles: int
    registered: dict[str, Any]
    card: dict[str, Any]
