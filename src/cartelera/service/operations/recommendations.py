"""Operations about what to watch next, and why."""

from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import Field

from cartelera.service import parameters as p
from cartelera.service.answering.list_replies import RecommendationList, SimilarTitles, TitlesToRate
from cartelera.service.answering.replies import Prediction, Predictions
from cartelera.service.operations import example_titles as e
from cartelera.service.operations.definition import NO_TITLE, ListQuestion, Operations, Question

if TYPE_CHECKING:
    from cartelera.service.answering.answers import Answers


OPERATIONS: Final = Operations("recommendations")

_PREDICTION: Final[dict[str, Any]] = {
    "user_id": 1,
    "title": e.LOGAN,
    "score": 4.12,
    "recommended": True,
    "recommend_at": 3.75,
    "origin": "model",
    "baseline": 3.98,
    "interval": {"low": 3.1, "high": 4.9, "coverage": 0.8},
    "rating": None,
}
_LIST: Final[dict[str, Any]] = {
    "user_id": 1,
    "k": 1,
    "platforms": ["hulu"],
    "type": "movie",
    "filters": e.FILTERS,
    "diversity": 0.1,
    "origin": "ranking",
    "recommend_at": 3.75,
    "titles": [
        {
            "rank": 1,
            "title": e.LOGAN,
            "also_on": [{"title_id": "ns4071", "platform": "netflix"}],
            "origin": "ranking",
            "score": 0.31,
            "stars": 4.12,
            "popular": False,
            "because": [{"title": e.ARRIVAL, "rating": 5.0, "contribution": 0.09}],
        }
    ],
    "new_to_everyone": [
        {
            "rank": 1,
            "title": e.PROSPECT,
            "also_on": [],
            "origin": "content",
            "score": 0.12,
            "stars": None,
            "popular": False,
            "because": [{"title": e.ARRIVAL, "rating": 5.0, "contribution": 0.05}],
        }
    ],
    "ignored": [],
}


class SimilarQuestion(ListQuestion):
    """Parameters of `similar`, besides the title."""


@OPERATIONS.get(
    "/titles/{title_id}/similar",
    refusals=NO_TITLE,
    example={
        "title": e.LOGAN,
        "k": 10,
        "filters": e.FILTERS,
        "known": True,
        "titles": [{"rank": 1, "title": e.ARRIVAL, "also_on": [], "similarity": 0.61}],
    },
)
def similar(answers: "Answers", title_id: p.TitleId, question: SimilarQuestion) -> SimilarTitles:
    """Return titles like another one, most similar first."""
    return answers.similar(title_id, question.k, question.filters())


class ToRateQuestion(ListQuestion):
    """Parameters of `to_rate`."""

    rated: p.Rated | None = None


@OPERATIONS.get(
    "/titles/to_rate",
    is_native=True,
    refusals=NO_TITLE,
    example={"k": 10, "filters": e.FILTERS, "titles": [e.LOGAN, e.ARRIVAL]},
)
def to_rate(answers: "Answers", question: ToRateQuestion) -> TitlesToRate:
    """Return titles for a newcomer to rate first: known to many, and different."""
    return answers.to_rate(question.k, question.filters(), question.rated or ())


class UserListQuestion(ListQuestion):
    """Parameters of a user's recommendations, besides the user."""

    seen: p.Seen | None = None
    diversity: p.Diversity | None = None


@OPERATIONS.get(
    "/users/{user_id}/recommendations", refusals={404: "No id is in the path."}, example=_LIST
)
def user_recommendations(
    answers: "Answers", user_id: p.UserId, question: UserListQuestion
) -> RecommendationList:
    """Return the titles that suit a user best and why, without those rated already."""
    return answers.recommend(user_id, question.k, question.filters(), question.diversity)


class RecommendQuestion(UserListQuestion):
    """Parameters of `recommend`."""

    user_id: p.UserId


@OPERATIONS.get("/recommend", is_native=True, example=_LIST)
def recommend(answers: "Answers", question: RecommendQuestion) -> RecommendationList:
    """Return the titles that suit a user best and why, without those rated already."""
    return user_recommendations(answers, question.user_id, question)


class RecommendNewQuestion(UserListQuestion):
    """Parameters of `recommend_new`."""

    ratings: p.Ratings


@OPERATIONS.post(
    "/recommendations", is_native=True, refusals=NO_TITLE, example={**_LIST, "user_id": None}
)
def recommend_new(answers: "Answers", question: RecommendNewQuestion) -> RecommendationList:
    """Return the titles that suit somebody new best and why, from a few ratings."""
    return answers.recommend_new(
        question.ratings, question.k, question.filters(), question.diversity
    )


class PredictQuestion(Question):
    """Parameters of `predict`."""

    user_id: p.UserId
    title_id: p.TitleId


@OPERATIONS.get("/predict", is_native=True, refusals=NO_TITLE, example=_PREDICTION)
@OPERATIONS.get("/predictions", name="prediction", refusals=NO_TITLE, example=_PREDICTION)
def predict(answers: "Answers", question: PredictQuestion) -> Prediction:
    """Predict what a user would rate a title, and whether that recommends it."""
    return answers.predict(question.user_id, question.title_id)


class PredictBatchQuestion(Question):
    """Parameters of `predict_batch`."""

    pairs: Annotated[
        list[PredictQuestion],
        Field(
            min_length=1,
            max_length=p.MOST_PAIRS,
            description="What to predict.",
            examples=[[{"user_id": 1, "title_id": "ns1"}, {"user_id": 2, "title_id": "hs1"}]],
        ),
    ]


@OPERATIONS.post("/predictions", is_native=True, example={"predictions": [_PREDICTION]})
def predict_batch(answers: "Answers", question: PredictBatchQuestion) -> Predictions:
    """Predict many pairs at once; a pair with an unknown title gets a problem in its place."""
    return Predictions(
        answers.predict_many([(pair.user_id, pair.title_id) for pair in question.pairs])
    )
