"""Operations about what is known of users, and what they tell."""

from typing import TYPE_CHECKING, Final

from cartelera.service import parameters as p
from cartelera.service.answering.replies import (
    DeletedRatings,
    Receipt,
    UserProfile,
    UserRatings,
)
from cartelera.service.operations import example_titles as e
from cartelera.service.operations.definition import NO_TITLE, Operations, Question

if TYPE_CHECKING:
    from cartelera.service.answering.answers import Answers


OPERATIONS: Final = Operations("users")

_NOBODY: Final = {404: "Nobody with this id has rated anything."}
_NOT_KEPT: Final = {503: "Ratings are not taken here, or cannot be kept now."}


class ProfileQuestion(Question):
    """Parameters of `user`, besides the user."""

    k: p.ListLength | None = None


@OPERATIONS.get(
    "/users/{user_id}",
    refusals=_NOBODY,
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


@OPERATIONS.get(
    "/users/{user_id}/ratings",
    refusals=_NOBODY,
    example={
        "user_id": 1,
        "ratings": [
            {"title_id": "ns2", "display_title": None, "rating": 2.0},
            {
                "title_id": e.LOGAN["title_id"],
                "display_title": e.LOGAN["display_title"],
                "rating": 4.5,
            },
        ],
    },
)
def user_ratings(answers: "Answers", user_id: p.UserId) -> UserRatings:
    """Return every rating there is of a user, oldest first."""
    return answers.ratings.export(user_id)


@OPERATIONS.delete(
    "/users/{user_id}/ratings",
    refusals=_NOT_KEPT,
    example={"user_id": 1, "n_ratings": 20, "timestamp": 1767225600},
)
def delete_ratings(answers: "Answers", user_id: p.UserId) -> DeletedRatings:
    """Delete what was received of a user: none of their ratings counts from then on.

    The next run of the pipeline learns without what was received; ratings of the same user in the
    operator's own files count again after it.
    """
    return answers.ratings.delete(user_id)


class RateQuestion(Question):
    """Parameters of `rate`."""

    user_id: p.Rater
    title_id: p.TitleId
    rating: p.Rating


@OPERATIONS.post(
    "/ratings",
    is_native=True,
    refusals=NO_TITLE | _NOT_KEPT,
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
