"""The questions of every endpoint, checked and asked alike by native POST, POST and GET."""

from dataclasses import fields
from typing import TYPE_CHECKING, Annotated, Any, cast

from pydantic import BaseModel, ConfigDict, Field, model_validator

from cartelera.catalogue import answers as catalogue
from cartelera.service.allowed import MOST_PAIRS
from cartelera.service.answering.filters import Filters
from cartelera.service.answering.list_replies import (
    RecommendationList,
    SimilarTitles,
    TitlesToRate,
)
from cartelera.service.answering.replies import (
    Prediction,
    Predictions,
    Receipt,
    TitlePage,
    UserProfile,
)
from cartelera.service.api import parameters as p

if TYPE_CHECKING:
    from cartelera.service.answering.answers import Answers

_FILTERS = frozenset(field.name for field in fields(Filters))


class Question(BaseModel):
    """What all parameters share: null and blank mean left out, unknown names are refused."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    @model_validator(mode="before")
    @classmethod
    def _leave_out_blanks(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        return {
            name: value
            for name, value in cast(dict[str, Any], values).items()
            if value is not None and not (isinstance(value, str) and not value.strip())
        }

    def given(self) -> dict[str, Any]:
        """Give the parameters that were not left out."""
        return {name: value for name, value in self if value is not None}


class MaxDurationQuestion(Question):
    """Parameters of `get_max_duration`."""

    year: p.Year | None = None
    platform: p.Platform | None = None
    duration_type: p.DurationType | None = None
    type: p.TitleType | None = None

    def ask(self, answers: "Answers") -> catalogue.MaxDuration:
        """Give the longest title; minutes and seasons are never compared."""
        return answers.noted(answers.queries.get_max_duration(**self.given()))


class ScoreCountQuestion(Question):
    """Parameters of `get_score_count`."""

    scored: p.Stars
    platform: p.Platform | None = None
    year: p.Year | None = None
    type: p.TitleType | None = None

    def ask(self, answers: "Answers") -> catalogue.ScoreCount:
        """Count the titles with a score strictly above `scored`."""
        return answers.noted(answers.queries.get_score_count(**self.given()))


class CountPlatformQuestion(Question):
    """Parameters of `get_count_platform`."""

    platform: p.Platform | None = None
    type: p.TitleType | None = None

    def ask(self, answers: "Answers") -> catalogue.PlatformCount:
        """Count the titles of a platform, or of all."""
        return answers.noted(answers.queries.get_count_platform(**self.given()))


class ActorQuestion(Question):
    """Parameters of `get_actor`."""

    platform: p.Platform | None = None
    year: p.Year | None = None
    type: p.TitleType | None = None

    def ask(self, answers: "Answers") -> catalogue.TopActor:
        """Give the actor in most titles."""
        return answers.noted(answers.queries.get_actor(**self.given()))


class PredictQuestion(Question):
    """Parameters of `predict`."""

    user_id: p.UserId
    title_id: p.TitleId

    def ask(self, answers: "Answers") -> Prediction:
        """Predict what a user would rate a title, and whether that recommends it."""
        return answers.predict(self.user_id, self.title_id)


class PredictBatchQuestion(Question):
    """Parameters of `predict_batch`."""

    pairs: Annotated[
        list[PredictQuestion],
        Field(
            min_length=1,
            max_length=MOST_PAIRS,
            description="What to predict.",
            examples=[[{"user_id": 1, "title_id": "ns1"}, {"user_id": 2, "title_id": "hs1"}]],
        ),
    ]

    def ask(self, answers: "Answers") -> Predictions:
        """Predict many pairs at once."""
        return Predictions(
            answers.predict_many([(pair.user_id, pair.title_id) for pair in self.pairs])
        )


class ListQuestion(Question):
    """What all lists of titles share: filters and a length."""

    k: p.ListLength | None = None
    platforms: p.Platforms | None = None
    type: p.TitleType | None = None
    year_from: p.FirstYear | None = None
    year_to: p.LastYear | None = None
    genre: p.Genre | None = None
    min_minutes: p.LeastMinutes | None = None
    max_minutes: p.MostMinutes | None = None
    certificates: p.Certificates | None = None

    def filters(self) -> Filters:
        """Give the filters among the parameters."""
        given: dict[str, Any] = {
            name: tuple(cast(list[Any], value)) if isinstance(value, list) else value
            for name, value in self.given().items()
            if name in _FILTERS
        }
        return Filters(**given)


class TitlesQuestion(ListQuestion):
    """Parameters of `titles`."""

    words: p.Words | None = None
    offset: p.Offset | None = None

    def ask(self, answers: "Answers") -> TitlePage:
        """Find titles by words and filters, a page at a time."""
        return answers.search_titles(self.words or "", self.filters(), self.k, self.offset or 0)


class SimilarQuestion(ListQuestion):
    """Parameters of `similar`, besides the title."""

    def ask_of(self, answers: "Answers", title_id: str) -> SimilarTitles:
        """Return titles like another one."""
        return answers.similar(title_id, self.k, self.filters())


class ToRateQuestion(ListQuestion):
    """Parameters of `to_rate`."""

    rated: p.Rated | None = None

    def ask(self, answers: "Answers") -> TitlesToRate:
        """Return titles for a newcomer to rate first: known to many, and different."""
        return answers.to_rate(self.k, self.filters(), self.rated or ())


class ProfileQuestion(Question):
    """Parameters of `user`, besides the user."""

    k: p.ListLength | None = None

    def ask_of(self, answers: "Answers", user_id: int) -> UserProfile:
        """Give what is known of a user, and what they liked best."""
        return answers.user(user_id, self.k)


class UserListQuestion(ListQuestion):
    """Parameters of a user's recommendations, besides the user."""

    seen: p.Seen | None = None
    diversity: p.Diversity | None = None

    def ask_of(self, answers: "Answers", user_id: int) -> RecommendationList:
        """Return the titles that suit a user best."""
        return answers.recommend(user_id, self.k, self.filters(), self.diversity)


class RecommendQuestion(UserListQuestion):
    """Parameters of `recommend`."""

    user_id: p.UserId

    def ask(self, answers: "Answers") -> RecommendationList:
        """Return the titles that suit a user best, without those rated already."""
        return self.ask_of(answers, self.user_id)


class RecommendNewQuestion(UserListQuestion):
    """Parameters of `recommend_new`."""

    ratings: p.Ratings

    def ask(self, answers: "Answers") -> RecommendationList:
        """Return the titles that suit somebody best of whom only these ratings are known."""
        return answers.recommend_new(self.ratings, self.k, self.filters(), self.diversity)


class RateQuestion(Question):
    """Parameters of `rate`."""

    user_id: p.Rater
    title_id: p.TitleId
    rating: p.Rating

    def ask(self, answers: "Answers") -> Receipt:
        """Receive a rating; it is kept once this answers."""
        return answers.rate(self.user_id, self.title_id, self.rating)
