"""What the service knows: answers about titles, predictions and lists, whatever the protocol."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeVar

from cartelera.catalogue.queries import CatalogueQueries
from cartelera.factorization.factors import Factors
from cartelera.factorization.fold_in import FoldedUser
from cartelera.factorization.recommender import FALLBACK, MODEL
from cartelera.service.answering.feedback import ReceivedRating
from cartelera.service.answering.filters import Facets, Filters
from cartelera.service.answering.intervals import Intervals
from cartelera.service.answering.model_view import Estimate, ModelView
from cartelera.service.answering.profiles import (
    KnownRatings,
    best_rated,
    checked_stars,
    checked_user,
)
from cartelera.service.answering.replies import (
    ModelInfo,
    Prediction,
    Receipt,
    RecommendationList,
    SimilarTitle,
    SimilarTitles,
    TitlePage,
    UserProfile,
)
from cartelera.service.answering.settings import Settings
from cartelera.service.answering.title_filter import TitleFilter
from cartelera.service.answering.title_info import TitleDetail, TitleInfo
from cartelera.service.answering.title_search import TitleSearch
from cartelera.service.answering.titles import TitleShelf, no_title
from cartelera.service.problems import Problem, Refused

AnswerT = TypeVar("AnswerT")

ANYTHING: Final = Filters()


class Answers:
    """Everything a request needs, built once; a request only reads.

    Attributes:
        queries: The four questions about the catalogue.
        on_answer: Called with every list and every answer of `queries`; counts them.
    """

    def __init__(
        self,
        *,
        queries: CatalogueQueries,
        factors: Factors,
        shelf: TitleShelf,
        ratings: KnownRatings,
        settings: Settings,
        model: ModelInfo,
        intervals: Intervals | None = None,
    ):
        self.queries = queries
        self._shelf = shelf
        self._filter = TitleFilter(shelf.infos)
        self._search = TitleSearch([info.title for info in shelf.infos], shelf.by_title)
        self._model = ModelView(factors, shelf)
        self._scale = factors.scale
        self._ratings = ratings
        self._settings = settings
        self._info = model
        self._intervals = intervals
        self.on_answer: Callable[[object], None] = _do_nothing

    def noted(self, answer: AnswerT) -> AnswerT:
        """Let `on_answer` see an answer; gives it back."""
        self.on_answer(answer)
        return answer

    def knows(self, title_id: str) -> bool:
        """Tell whether the model knows a title."""
        return self._model.knows(title_id)

    @property
    def takes_ratings(self) -> bool:
        """Whether ratings are received here."""
        return self._ratings.feedback is not None

    def facets(self) -> Facets:
        """Tell what the filters can choose from."""
        return self._filter.facets

    def all_titles(self) -> Sequence[TitleInfo]:
        """Give every title of the catalogue."""
        return self._shelf.infos

    def search_titles(
        self, words: str = "", filters: Filters = ANYTHING, k: int | None = None, offset: int = 0
    ) -> TitlePage:
        """Find titles by words, or all of them without words; one page of them.

        Args:
            words: In any case, with or without accents; the last one may be a beginning.
            filters: What to find; `seen` has no meaning here.
            k: How many titles a page has.
            offset: How many come before this page.

        Raises:
            QueryError: If a platform or the type is unknown.
            Refused: If another filter or the page's length is wrong.
        """
        length, resolved = self._length(k), self._filter.resolve(filters)
        if offset < 0:
            raise Refused(422, f"`offset`={offset} is out of range.", ["a whole number from 0"])
        found = self._search.find(words)
        found = found[self._filter.mask(resolved)[found]]
        page = found[offset : offset + length]
        titles = [self._shelf.infos[place] for place in page]
        return self.noted(TitlePage(words.strip(), resolved, len(found), offset, titles))

    def title(self, title_id: str) -> TitleDetail:
        """Give all there is to show of a title.

        Raises:
            Refused: If no title has this id.
        """
        info = self._shelf.get(title_id)
        return self._shelf.detail(info, has_model=self._model.knows(info.title_id))

    def similar(
        self, title_id: str, k: int | None = None, filters: Filters = ANYTHING
    ) -> SimilarTitles:
        """Give titles liked by the same people; none for a title the model does not know.

        Raises:
            QueryError: If a platform or the type is unknown.
            Refused: If no title has this id, or another filter or `k` is wrong.
        """
        length, resolved = self._length(k), self._filter.resolve(filters)
        info = self._shelf.get(title_id)
        known = self._model.knows(info.title_id)
        mask = self._filter.mask(resolved)
        found = self._model.similar(info.title_id, length, mask) if known else []
        lines = [SimilarTitle(rank, *line) for rank, line in enumerate(found, start=1)]
        return self.noted(SimilarTitles(info, length, resolved, known, lines))

    def predict(self, user_id: int, title_id: str) -> Prediction:
        """Predict what a user would rate a title.

        Raises:
            Refused: If no title has this id.
        """
        info = self._shelf.get(title_id)
        (estimate,) = self._model.estimate([(user_id, info.title_id)])
        return self._prediction(user_id, info, estimate)

    def predict_many(self, pairs: Sequence[tuple[int, str]]) -> list[Prediction | Problem]:
        """Predict many pairs at once; a pair whose title nobody knows gets its own problem."""
        infos = [self._shelf.find(title_id) for _, title_id in pairs]
        known = [(user_id, info) for (user_id, _), info in zip(pairs, infos, strict=True) if info]
        estimates = iter(self._model.estimate([(user, info.title_id) for user, info in known]))
        return [
            self._prediction(user_id, info, next(estimates)) if info else no_title(title_id).problem
            for (user_id, title_id), info in zip(pairs, infos, strict=True)
        ]

    def recommend(
        self, user_id: int, k: int | None = None, filters: Filters = ANYTHING
    ) -> RecommendationList:
        """Give the k titles a user would rate best, without those already rated.

        Someone the model does not know is folded in, if any ratings of theirs are known.

        Raises:
            QueryError: If a platform or the type is unknown.
            Refused: If another filter or `k` is wrong.
        """
        ratings = self._ratings.of(user_id)
        folded = self._model.fold_in(ratings)
        user = user_id if self._model.knows_user(user_id) else folded
        return self._recommend(user_id, user, folded, ratings, k, filters)

    def recommend_new(
        self, ratings: Mapping[str, float], k: int | None = None, filters: Filters = ANYTHING
    ) -> RecommendationList:
        """Give the k titles somebody would rate best of whom only these ratings are known.

        Args:
            ratings: In stars, by title id.
            k: Length of the list.
            filters: What the list may hold.

        Raises:
            QueryError: If a platform or the type is unknown.
            Refused: If a title is unknown or rated twice, a rating is off the grid or outside the
                scale, or a filter or `k` is wrong.
        """
        infos = {title_id: self._shelf.find(title_id) for title_id in ratings}
        if unknown := [title_id for title_id, info in infos.items() if info is None]:
            raise no_title(*unknown)
        checked = {
            info.title_id: checked_stars(ratings[title_id], self._scale)
            for title_id, info in infos.items()
            if info is not None
        }
        if len(checked) < len(ratings):
            raise Refused(422, "A title is rated twice: give each title one rating.")
        folded = self._model.fold_in(checked)
        return self._recommend(None, folded, folded, checked, k, filters)

    def rate(self, user_id: int, title_id: str, rating: float) -> Receipt:
        """Receive a rating; once this returns it is kept, and counts as seen in every worker.

        Raises:
            Refused: If the user id or the rating is no possible one, no title has this id, or
                ratings cannot be kept here or now.
        """
        info, stars = self._shelf.get(title_id), checked_stars(rating, self._scale)
        before = self._ratings.of(user_id).get(info.title_id)
        received = ReceivedRating(checked_user(user_id), stars, int(time.time()), info.title_id)
        kept = self._ratings.receive(received)
        return Receipt(user_id, info, stars, kept.timestamp, before)

    def user(self, user_id: int, k: int | None = None) -> UserProfile:
        """Give what is known of a user, with the k titles they rated best.

        Raises:
            Refused: If nothing is known of the user, or `k` is out of range.
        """
        length = self._length(k)
        ratings, in_model = self._ratings.of(user_id), self._model.knows_user(user_id)
        if not ratings and not in_model:
            raise Refused(404, f"Nobody with the id {user_id} has rated anything.")
        mean = sum(ratings.values()) / len(ratings) if ratings else None
        liked = best_rated(ratings, self._shelf, length)
        return UserProfile(user_id, len(ratings), mean, in_model, liked)

    def model(self) -> ModelInfo:
        """Tell which model answers."""
        return self._info

    def _recommend(
        self,
        user_id: int | None,
        user: int | FoldedUser,
        folded: FoldedUser,
        ratings: Mapping[str, float],
        k: int | None,
        filters: Filters,
    ) -> RecommendationList:
        length, resolved = self._length(k), self._filter.resolve(filters)
        lines = self._model.rank(
            user, length, self._filter.mask(resolved), {} if resolved.seen else ratings
        )
        return self.noted(
            RecommendationList(
                user_id=user_id,
                k=length,
                platforms=list(resolved.platforms or self._filter.facets.platforms),
                type=resolved.type,
                filters=resolved,
                origin=user.origin if isinstance(user, FoldedUser) else MODEL,
                recommend_at=self._settings.recommend_at,
                titles=self._model.explain(folded, lines),
                ignored=[title_id for title_id in ratings if not self._model.knows(title_id)],
            )
        )

    def _prediction(self, user_id: int, info: TitleInfo, estimate: Estimate) -> Prediction:
        ratings = self._ratings.of(user_id)
        if estimate.origin == FALLBACK and ratings and not self._model.knows_user(user_id):
            estimate = self._model.estimate_folded(self._model.fold_in(ratings), info.title_id)
        interval = None
        if self._intervals is not None and estimate.origin == MODEL:
            interval = self._intervals.around(estimate.score, self._scale)
        return Prediction(
            user_id=user_id,
            title=info,
            score=estimate.score,
            recommended=estimate.score >= self._settings.recommend_at,
            recommend_at=self._settings.recommend_at,
            origin=estimate.origin,
            baseline=estimate.baseline,
            interval=interval,
            rating=ratings.get(info.title_id),
        )

    def _length(self, k: int | None) -> int:
        length = self._settings.default_k if k is None else k
        if not 1 <= length <= self._settings.max_k:
            allowed = f"a whole number from 1 to {self._settings.max_k}"
            raise Refused(422, f"`k`={length} is out of range.", [allowed])
        return length


def _do_nothing(_: object) -> None:
    """Be what nobody wants to know."""
