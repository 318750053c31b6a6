"""Operations about what is known of users, and what they tell."""

from typing import TYPE_CHECKING, Final

from cartelera.service import parameters as p
from cartelera.service.answering.replies import Receipt, UserProfile
from cartelera.service.operations import example_titles as e
from cartelera.service.operations.definition import NO_TITLE, Operations, Question

if TYPE_CHECKING:
    from cartelera.service.answering.answers import Answers


OPERATIONS: Final = Operations("users")


class ProfileQuestion(Question):
    """Parameters of `user`, besides the user."""

    k: p.ListLength | None = None


@OPERATIONS.get(
    "/users/{user_id}",
    refusals={404: "Nobody with this id has rated anything."},
    example={
        "user_id": 1,
        "n_ratings": 20,
        "mean": 3.4,
        "in_model": True,
        "liked": [{"title": e.ARRIVAL, "rating": 5.0}],
    },
)
def user(answers: "Answers", user_id: p.UserId, question: ProfileQuestion) -> UserProfile:
    """Return how a user rates, and the titles they liked best."""
    return answers.user(user_id, question.k)


class RateQuestion(Question):
    """Parameters of `rate`."""

    user_id: p.Rater
    title_id: p.TitleId
    rating: p.Rating


@OPERATIONS.post(
    "/ratings",
    is_native=True,
    refusals=NO_TITLE | {503: "Ratings are not taken here, or cannot be kept now."},
    example={
        "user_id": 1,
        "title": e.LOGAN,
        "rating": 4.5,
        "timestamp": 1767225600,
        "replaced": 4.0,
    },
)
def rate(answers: "Answers", question: RateQuestion) -> Receipt:
    """Receive a rating: kept once this answers, seen at once, learnt from in the next run."""
    return answers.rate(question.user_id, question.title_id, question.rating)
