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
        rating: What the user did rate the title, on whatever platform, in stars; null if they did
            not.
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
class Receipt:
    """A rating that was received and is kept.

    Attributes:
        user_id: The user.
        title: The rated title.
        rating: In stars.
        timestamp: When it was received, seconds since 1970-01-01 UTC.
        replaced: What the user gave it before, on whatever platform, in stars; null if it is the
            first rating.
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
        n_ratings: How many titles they have rated; a work counts once.
        mean: The mean of their ratings, in stars; null without ratings.
        in_model: Whether the rating model was fitted with ratings of theirs.
        liked: Their best rated titles, best first, up to the length asked for.
    """

    user_id: int
    n_ratings: int
    mean: float | None
    in_model: bool
    liked: list[RatedTitle]


@dataclass(frozen=True)
class OwnRating:
    """A rating of a user's own.

    Attributes:
        title_id: The title.
        display_title: Its name; null if it left the catalogue.
        rating: The latest one, in stars.
    """

    title_id: str
    display_title: str | None
    rating: float


@dataclass(frozen=True)
class UserRatings:
    """Every rating there is of a user.

    Attributes:
        user_id: The user.
        ratings: One a title, oldest first.
    """

    user_id: int
    ratings: list[OwnRating]


@dataclass(frozen=True)
class DeletedRatings:
    """What was deleted.

    Attributes:
        user_id: The user.
        n_ratings: How many ratings counted before and count no more; one a title.
        timestamp: When, in seconds since 1970-01-01 UTC.
    """

    user_id: int
    n_ratings: int
    timestamp: int


@dataclass(frozen=True)
class RatingModelInfo:
    """What predicts stars.

    Attributes:
        n_factors: How many numbers describe a user or a title.
        params: What it was fitted with; of several that are averaged, each one's.
    """

    n_factors: int
    params: list[dict[str, Any]]


@dataclass(frozen=True)
class RankingModelInfo:
    """What orders lists.

    Attributes:
        n_factors: How many numbers describe a title.
        n_titles: How many titles it can recommend; a work counts once.
        n_unrated: How many of them nobody has rated: what it knows of them is the catalogue's.
        params: What it was fitted with.
    """

    n_factors: int
    n_titles: int
    n_unrated: int
    params: dict[str, Any]


@dataclass(frozen=True)
class ModelInfo:
    """Which model answers: one version of two models.

    Attributes:
        name: Name of the registered model.
        version: Version of the registered model.
        trained_at: When it was trained, ISO 8601 in UTC; null if that was not written down.
        data_digest: SHA-256 of each part of the ratings it was trained on.
        taste: Whether titles differ in quality in these ratings and people in taste, as a
            sentence.
        metrics: What the errors of its stars and the worth of its lists are on ratings kept aside,
            beside those of simpler ways.
        intervals: How far ratings lie from its predictions, by predicted stars; null if that was
            not measured.
        recommend_at: A title is recommended from this predicted rating on, in stars.
        n_users: How many users it learnt from.
        n_titles: How many rated titles it learnt from; a work counts once.
        rating_model: What predicts stars.
        ranking_model: What orders lists.
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
    rating_model: RatingModelInfo
    ranking_model: RankingModelInfo
    registered: dict[str, Any]
    card: dict[str, Any]
