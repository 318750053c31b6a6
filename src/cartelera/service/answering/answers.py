"""What the service knows: answers about titles, predictions and lists, whatever the protocol."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeVar

from cartelera.catalogue.queries import CatalogueQueries
from cartelera.models.model import Model
from cartelera.service.answering.feedback import ReceivedRating
from cartelera.service.answering.filters import Facets, Filters
from cartelera.service.answering.intervals import Intervals
from cartelera.service.answering.list_replies import (
    RecommendationList,
    SimilarTitles,
    TitlesToRate,
)
from cartelera.service.answering.lists import Lists, Wish
from cartelera.service.answering.predictor import Predictor
from cartelera.service.answering.profiles import (
    KnownRatings,
    best_rated,
    checked_ratings,
    checked_stars,
    checked_user,
    nobody,
)
from cartelera.service.answering.rating_view import RatingView
from cartelera.service.answering.replies import (
    ModelInfo,
    Prediction,
    Receipt,
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
        ratings: Those of each user.
        settings: How it answers, and which ratings and years there may be.
        on_answer: Called with every list, receipt and answer of `queries`; counts them.
    """

    def __init__(
        self,
        *,
        queries: CatalogueQueries,
        model: Model,
        shelf: TitleShelf,
        ratings: KnownRatings,
        settings: Settings,
        info: ModelInfo,
        intervals: Intervals | None = None,
    ):
        self.queries = queries
        self._shelf = shelf
        self._filter = TitleFilter(shelf.infos, settings.years, settings.platforms)
        self._search = TitleSearch([info.title for info in shelf.infos], shelf.by_title)
        self._rating = RatingView(model.rating, shelf)
        self._lists = Lists(model.ranking, self._rating, shelf)
        self.ratings = ratings
        self.settings = settings
        self._info = info
        self._predictor = Predictor(self._rating, shelf, ratings, intervals, settings.recommend_at)
        self.on_answer: Callable[[object], None] = _do_nothing

    def noted(self, answer: AnswerT) -> AnswerT:
        """Let `on_answer` see an answer, and return it."""
        self.on_answer(answer)
        return answer

    @property
    def n_shared(self) -> tuple[int, int]:
        """How many of the catalogue's works each model knows: the rating and the ranking model."""
        return self._rating.titles.n_in_catalogue, self._lists.titles.n_in_catalogue

    @property
    def takes_ratings(self) -> bool:
        """Whether ratings are received here."""
        return self.ratings.feedback is not None

    def facets(self) -> Facets:
        """Tell what the filters can choose from."""
        return self._filter.facets

    def all_titles(self) -> Sequence[TitleInfo]:
        """Return every title of the catalogue."""
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
        length, resolved = self.settings.length(k), self._filter.resolve(filters)
        if offset < 0:
            raise Refused(422, f"`offset`={offset} is out of range.", ["a whole number from 0"])
        found = self._search.find(words)
        found = found[self._filter.mask(resolved)[found]]
        page = found[offset : offset + length]
        titles = [self._shelf.infos[place] for place in page]
        return self.noted(TitlePage(words.strip(), resolved, len(found), offset, titles))

    def title(self, title_id: str) -> TitleDetail:
        """Return all there is to show of a title.

        Raises:
            Refused: If no title has this id.
        """
        info = self._shelf.get(title_id)
        return self._shelf.detail(info, has_model=self._can_list(info))

    def similar(
        self, title_id: str, k: int | None = None, filters: Filters = ANYTHING
    ) -> SimilarTitles:
        """Return titles like another one; none for a title the model does not know.

        Raises:
            QueryError: If a platform or the type is unknown.
            Refused: If no title has this id, or another filter or `k` is wrong.
        """
        length, resolved = self.settings.length(k), self._filter.resolve(filters)
        info = self._shelf.get(title_id)
        found = self._lists.similar(info.title_id, length, self._filter.mask(resolved))
        return self.noted(SimilarTitles(info, length, resolved, self._can_list(info), found))

    def to_rate(
        self, k: int | None = None, filters: Filters = ANYTHING, rated: Sequence[str] = ()
    ) -> TitlesToRate:
        """Return titles for a newcomer to rate first: known to many, and different.

        Args:
            k: Length of the list.
            filters: What the list may hold; `seen` has no meaning here.
            rated: Ids of titles they have rated already.

        Raises:
            QueryError: If a platform or the type is unknown.
            Refused: If a rated title is unknown, or another filter or `k` is wrong.
        """
        length, resolved = self.settings.length(k), self._filter.resolve(filters)
        known = [info.title_id for info in self._shelf.get_all(rated).values()]
        titles = self._lists.to_rate(length, known, self._filter.mask(resolved))
        return self.noted(TitlesToRate(length, resolved, titles))

    def predict(self, user_id: int, title_id: str) -> Prediction:
        """Predict what a user would rate a title.

        Raises:
            Refused: If no title has this id.
        """
        info = self._shelf.get(title_id)
        (prediction,) = self._predictor.predict([(user_id, info)])
        return prediction

    def predict_many(self, pairs: Sequence[tuple[int, str]]) -> list[Prediction | Problem]:
        """Predict many pairs at once; a pair whose title nobody knows gets its own problem."""
        infos = [self._shelf.find(title_id) for _, title_id in pairs]
        known = [(user_id, info) for (user_id, _), info in zip(pairs, infos, strict=True) if info]
        predictions = iter(self._predictor.predict(known))
        return [
            next(predictions) if info else no_title(title_id).problem
            for (_, title_id), info in zip(pairs, infos, strict=True)
        ]

    def recommend(
        self,
        user_id: int,
        k: int | None = None,
        filters: Filters = ANYTHING,
        diversity: float | None = None,
    ) -> RecommendationList:
        """Return the k titles that suit a user best, without those already rated.

        The list is made from the user's ratings as they are now, whether a model was fitted with
        them or not.

        Raises:
            QueryError: If a platform or the type is unknown.
            Refused: If another filter or `k` is wrong.
        """
        return self._recommend(user_id, self.ratings.of(user_id), k, filters, diversity)

    def recommend_new(
        self,
        ratings: Mapping[str, float],
        k: int | None = None,
        filters: Filters = ANYTHING,
        diversity: float | None = None,
    ) -> RecommendationList:
        """Return the k titles that suit somebody best of whom only these ratings are known.

        Args:
            ratings: In stars, by title id, oldest first. Of several versions of one work, rated on
                several platforms, the last one's rating counts.
            k: Length of the list.
            filters: What the list may hold.
            diversity: How much titles like those before them count for less, 0 to 1; by default
                what the settings say.

        Raises:
            QueryError: If a platform or the type is unknown.
            Refused: If a title is unknown or rated twice, a rating is off the grid or outside the
                scale, or a filter or `k` is wrong.
        """
        checked = checked_ratings(ratings, self._shelf, self.settings.scale)
        return self._recommend(None, checked, k, filters, diversity)

    def rate(self, user_id: int, title_id: str, rating: float) -> Receipt:
        """Receive a rating; once this returns it is kept, and counts as seen in every worker.

        Raises:
            Refused: If the user id or the rating is no possible one, no title has this id, or
                ratings cannot be kept here or now.
        """
        info, stars = self._shelf.get(title_id), checked_stars(rating, self.settings.scale)
        before = self._shelf.rating_of(info, self.ratings.of(user_id))
        received = ReceivedRating(checked_user(user_id), stars, int(time.time()), info.title_id)
        kept = self.ratings.receive(received)
        return self.noted(Receipt(user_id, info, stars, kept.timestamp, before))

    def user(self, user_id: int, k: int | None = None) -> UserProfile:
        """Return what is known of a user, with the k titles they rated best.

        Raises:
            Refused: If nothing is known of the user, or `k` is out of range.
        """
        ratings, in_model = self.ratings.of(user_id), self._rating.knows_user(user_id)
        if not ratings and not in_model:
            raise nobody(user_id)
        mean = sum(ratings.values()) / len(ratings) if ratings else None
        liked = best_rated(ratings, self._shelf, self.settings.length(k))
        return UserProfile(user_id, len(ratings), mean, in_model, liked)

    def model(self) -> ModelInfo:
        """Tell which models answer."""
        return self._info

    def _recommend(
        self,
        user_id: int | None,
        ratings: Mapping[str, float],
        k: int | None,
        filters: Filters,
        diversity: float | None,
    ) -> RecommendationList:
        resolved = self._filter.resolve(filters)
        wish = Wish(
            k=self.settings.length(k),
            passing=self._filter.mask(resolved),
            diversity=self.settings.diversity if diversity is None else diversity,
            with_seen=resolved.seen,
        )
        picks = self._lists.recommend(user_id, ratings, wish)
        return self.noted(
            RecommendationList(
                user_id=user_id,
                k=wish.k,
                platforms=list(resolved.platforms or self._filter.facets.platforms),
                type=resolved.type,
                filters=resolved,
                diversity=wish.diversity,
                origin=picks.origin,
                recommend_at=self.settings.recommend_at,
                titles=picks.titles,
                new_to_everyone=picks.new_to_everyone,
                ignored=picks.ignored,
            )
        )

    def _can_list(self, info: TitleInfo) -> bool:
        return self._lists.titles.code(info.title_id) is not None


def _do_nothing(_: object) -> None:
    """Be what nobody wants to know."""
