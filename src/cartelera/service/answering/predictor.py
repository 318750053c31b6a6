"""What users would rate titles, with how sure that is."""

from collections.abc import Sequence

from cartelera.factorization.recommender import FALLBACK, MODEL
from cartelera.service.answering.intervals import Intervals
from cartelera.service.answering.profiles import KnownRatings
from cartelera.service.answering.rating_view import Estimate, RatingView
from cartelera.service.answering.replies import Prediction
from cartelera.service.answering.title_info import TitleInfo
from cartelera.service.answering.titles import TitleShelf


class Predictor:
    """Predicts ratings; a request only reads.

    Args:
        rating: The rating model.
        shelf: The catalogue.
        ratings: What users have rated.
        intervals: How far off predictions are; None if that is not known.
        recommend_at: A title is recommended from this predicted rating on, in stars.
    """

    def __init__(
        self,
        rating: RatingView,
        shelf: TitleShelf,
        ratings: KnownRatings,
        intervals: Intervals | None,
        recommend_at: float,
    ):
        self._rating = rating
        self._shelf = shelf
        self._ratings = ratings
        self._intervals = intervals
        self._recommend_at = recommend_at

    def predict(self, pairs: Sequence[tuple[int, TitleInfo]]) -> list[Prediction]:
        """Predict pairs of a user and a title, all at once."""
        estimates = self._rating.estimate([(user_id, info.title_id) for user_id, info in pairs])
        return [
            self._prediction(user_id, info, estimate)
            for (user_id, info), estimate in zip(pairs, estimates, strict=True)
        ]

    def _prediction(self, user_id: int, info: TitleInfo, estimate: Estimate) -> Prediction:
        ratings = self._ratings.of(user_id)
        if estimate.origin == FALLBACK and ratings and not self._rating.knows_user(user_id):
            estimate = self._rating.estimate_folded(self._rating.fold_in(ratings), info.title_id)

        interval = None
        if self._intervals is not None and estimate.origin == MODEL:
            interval = self._intervals.around(estimate.score, self._rating.factors.scale)
        return Prediction(
            user_id=user_id,
            title=info,
            score=estimate.score,
            recommended=estimate.score >= self._recommend_at,
            recommend_at=self._recommend_at,
            origin=estimate.origin,
            baseline=estimate.baseline,
            interval=interval,
            rating=self._shelf.rating_of(info, ratings),
        )
