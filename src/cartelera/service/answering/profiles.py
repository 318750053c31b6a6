"""What is known of users: their ratings, from the bundle and from feedback since."""

import logging
from collections.abc import Mapping

from cartelera.service.allowed import LARGEST_USER, STEP
from cartelera.service.answering.feedback import FeedbackLog, ReceivedRating
from cartelera.service.answering.replies import RatedTitle
from cartelera.service.answering.seen import SeenTitles
from cartelera.service.answering.titles import TitleShelf
from cartelera.service.problems import Refused

logger = logging.getLogger(__name__)


class KnownRatings:
    """Each user's ratings: those the bundle came with, and over them what was received since.

    Args:
        seen: The bundle's.
        feedback: Ratings received; none if the service takes none.
    """

    def __init__(self, seen: SeenTitles, feedback: FeedbackLog | None):
        self._seen = seen
        self.feedback = feedback

    def of(self, user_id: int) -> dict[str, float]:
        """Give a user's titles with their latest ratings, in stars."""
        known = self._seen.of(user_id)
        if self.feedback is not None:
            known.update(self.feedback.of(user_id))
        return known

    def receive(self, rating: ReceivedRating) -> ReceivedRating:
        """Keep a rating; it is among the user's from then on.

        Returns:
            The rating as it is kept.

        Raises:
            Refused: If ratings are not taken here or cannot be kept now; nothing was kept then.
        """
        if self.feedback is None:
            raise Refused(503, "This service takes no ratings: it was given no folder for them.")
        try:
            return self.feedback.append(rating)
        except OSError as error:
            logger.error("A rating could not be kept: %s", error)
            raise Refused(503, "Ratings cannot be kept now: try again later.") from None


def best_rated(ratings: Mapping[str, float], shelf: TitleShelf, k: int) -> list[RatedTitle]:
    """Give the k best rated titles, equal ones alphabetically; unknown titles are left out."""
    places = {title_id: shelf.positions.get(title_id) for title_id in ratings}
    rated = [(stars, places[title_id]) for title_id, stars in ratings.items()]
    found = [(stars, place) for stars, place in rated if place is not None]
    found.sort(key=lambda each: (-each[0], shelf.by_title[each[1]]))
    return [RatedTitle(shelf.infos[place], stars) for stars, place in found[:k]]


def checked_user(user_id: int) -> int:
    """Give the id of a user whose ratings the pipeline can take.

    Raises:
        Refused: If it is none.
    """
    if not 0 <= user_id <= LARGEST_USER:
        allowed = f"a whole number from 0 to {LARGEST_USER}"
        raise Refused(422, f"`user_id`={user_id} is out of range.", [allowed])
    return user_id


def checked_stars(rating: float, scale: tuple[float, float]) -> float:
    """Give a rating that lies on the grid and inside the scale.

    Raises:
        Refused: If it does not.
    """
    low, high = scale
    if not low <= rating <= high or rating % STEP:
        allowed = f"{low:g} to {high:g} by {STEP:g}"
        raise Refused(422, f"`rating`={rating:g} is no possible rating.", [allowed])
    return float(rating)
