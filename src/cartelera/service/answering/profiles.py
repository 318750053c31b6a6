"""What is known of users: their ratings, from the bundle and from feedback since."""

import logging
import time
from collections.abc import Collection, Mapping

from cartelera.ratings.scale import RatingScale
from cartelera.received import Position
from cartelera.service.answering.feedback import Deletion, FeedbackLog, LineT
from cartelera.service.answering.feedback_reader import FeedbackReader, with_later
from cartelera.service.answering.replies import (
    DeletedRatings,
    OwnRating,
    RatedTitle,
    UserRatings,
)
from cartelera.service.answering.seen import SeenTitles
from cartelera.service.answering.titles import TitleShelf
from cartelera.service.parameters import LARGEST_USER, rating_in_words
from cartelera.service.problems import Refused

logger = logging.getLogger(__name__)

_DEFAULT_SCALE = RatingScale()


class KnownRatings:
    """Each user's ratings: those the bundle came with, and over them what was received since.

    Args:
        seen: The bundle's.
        feedback: Ratings received; none if the service takes none.
        shelf: Knows which titles are one work.
        scale: Received ratings that it does not hold do not count: the cleaning rejects them too.
        taken_in: How far the pipeline had read the log when it made the bundle.
    """

    def __init__(
        self,
        seen: SeenTitles,
        feedback: FeedbackLog | None,
        shelf: TitleShelf,
        scale: RatingScale = _DEFAULT_SCALE,
        taken_in: Collection[Position] = (),
    ):
        self._seen = seen
        self.feedback = feedback
        self._received = None if feedback is None else FeedbackReader(feedback.folder, taken_in)
        self._shelf = shelf
        self._scale = scale

    def of(self, user_id: int) -> dict[str, float]:
        """Return a user's titles with their latest ratings, in stars, oldest first; one a work."""
        return latest_by_work(self._all_of(user_id), self._shelf)

    def export(self, user_id: int) -> UserRatings:
        """Return every rating there is of a user, also of titles that left the catalogue.

        Raises:
            Refused: If there is none.
        """
        known = self._all_of(user_id)
        if not known:
            raise nobody(user_id)
        own = [self._own(title_id, stars) for title_id, stars in known.items()]
        return UserRatings(user_id, own)

    def delete(self, user_id: int) -> DeletedRatings:
        """Delete what was received of a user: it counts no more, here and in later runs.

        What the source of the data holds of the user counts again after the next run; this service
        cannot tell it apart. The log may hold ratings that do not count now, such as of titles that
        left the catalogue: they are deleted, too.

        Raises:
            Refused: If the user id is no possible one, or ratings are not taken here or cannot be
                deleted now; nothing was deleted then.
        """
        n_ratings = len(self._all_of(checked_user(user_id)))
        kept = self.receive(Deletion(user_id, int(time.time())))
        return DeletedRatings(user_id, n_ratings, kept.timestamp)

    def receive(self, line: LineT) -> LineT:
        """Keep a rating, which is among the user's from then on, or the deletion of all of them.

        Returns:
            What is kept.

        Raises:
            Refused: If ratings are not taken here or cannot be kept now; nothing was kept then.
        """
        if self.feedback is None:
            raise Refused(503, "This service takes no ratings: it was given no folder for them.")
        try:
            return self.feedback.append(line)
        except OSError as error:
            logger.error("A rating could not be kept: %s", error)
            raise Refused(503, "Ratings cannot be kept now: try again later.") from None

    def _own(self, title_id: str, stars: float) -> OwnRating:
        info = self._shelf.find(title_id)
        return OwnRating(title_id, info.display_title if info else None, stars)

    def _all_of(self, user_id: int) -> dict[str, float]:
        """Return a user's titles with their latest ratings, in stars, oldest first."""
        if self._received is None:
            return self._seen.of(user_id)
        received = self._received.of(user_id)
        possible = {id_: stars for id_, stars in received.items() if self._scale.holds(stars)}
        known = {} if self._received.has_deleted(user_id) else self._seen.of(user_id)
        return with_later(known, possible)


def nobody(user_id: int) -> Refused:
    """Return the refusal of a question about somebody of whom nothing is known."""
    return Refused(404, f"Nobody with the id {user_id} has rated anything.")


def latest_by_work(ratings: Mapping[str, float], shelf: TitleShelf) -> dict[str, float]:
    """Leave of several ratings of one work, given on several platforms, the latest.

    Args:
        ratings: In stars, by title id, oldest first.
        shelf: Knows which titles are one work.
    """
    found: dict[str, tuple[str, float]] = {}
    for title_id, stars in ratings.items():
        work_id = shelf.work_id(title_id)
        found.pop(work_id, None)  # the later one stands where it was given
        found[work_id] = title_id, stars
    return dict(found.values())


def best_rated(ratings: Mapping[str, float], shelf: TitleShelf, k: int) -> list[RatedTitle]:
    """Return the k best rated titles, equal ones alphabetically; unknown titles are left out."""
    places = {title_id: shelf.positions.get(title_id) for title_id in ratings}
    rated = [(stars, places[title_id]) for title_id, stars in ratings.items()]
    found = [(stars, place) for stars, place in rated if place is not None]
    found.sort(key=lambda each: (-each[0], shelf.by_title[each[1]]))
    return [RatedTitle(shelf.infos[place], stars) for stars, place in found[:k]]


def checked_user(user_id: int) -> int:
    """Return the id of a user whose ratings the pipeline can take.

    Raises:
        Refused: If it is none.
    """
    if not 0 <= user_id <= LARGEST_USER:
        allowed = f"a whole number from 0 to {LARGEST_USER}"
        raise Refused(422, f"`user_id`={user_id} is out of range.", [allowed])
    return user_id


def checked_ratings(
    ratings: Mapping[str, float], shelf: TitleShelf, scale: RatingScale
) -> dict[str, float]:
    """Return somebody's ratings by the catalogue's ids, one a work: the latest.

    Args:
        ratings: In stars, by title id in any case, oldest first.
        shelf: The catalogue.
        scale: That of the ratings.

    Raises:
        Refused: If a title is unknown or rated twice, or a rating is no possible one.
    """
    checked = {
        info.title_id: checked_stars(ratings[title_id], scale, f"ratings.{title_id}")
        for title_id, info in shelf.get_all(ratings).items()
    }
    if len(checked) < len(ratings):
        raise Refused(422, "A title is rated twice: give each title one rating.")
    return latest_by_work(checked, shelf)


def checked_stars(rating: float, scale: RatingScale, name: str = "rating") -> float:
    """Return a rating that lies on the grid and inside the scale.

    Args:
        rating: In stars.
        scale: The scale.
        name: What the rating is called in a refusal.

    Raises:
        Refused: If it does not.
    """
    if not scale.holds(rating):
        raise Refused(422, f"`{name}`={rating:g} is no possible rating.", [rating_in_words(scale)])
    return float(rating)
