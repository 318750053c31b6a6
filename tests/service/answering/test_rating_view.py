import numpy as np
import pandas as pd
import pytest

from cartelera.factorization.factors import Factors
from cartelera.service.answering.rating_view import Estimate, RatingView
from cartelera.service.answering.titles import TitleShelf


@pytest.fixture
def view(titles: pd.DataFrame, scores: pd.DataFrame) -> RatingView:
    """A model without biases that knows ns1, and a title that has left the catalogue."""
    factors = Factors(
        global_mean=3.5,
        user_bias=np.zeros(2, np.float32),
        title_bias=np.zeros(2, np.float32),
        user_factors=np.array([[2], [1]], np.float32),
        title_factors=np.array([[2], [1.5]], np.float32),
        user_ids=np.array([7, 3]),
        title_ids=np.array(["gone", "ns1"], dtype=object),
        title_means=np.array([4.5, 4.0], np.float32),
        scale=(0.5, 5.0),
        biased=False,
        card={"fold_in": {"reg_bu": 1.0, "reg_pu": 1.0, "level": 0.0}},
    )
    return RatingView(factors, TitleShelf(titles, scores))


def test_a_model_without_biases_has_the_titles_mean_as_baseline(view: RatingView):
    assert view.estimate([(7, "ns1")]) == [Estimate(3.0, 4.0, "model")]
    folded = view.fold_in({"ns1": 3.0})
    estimate = view.estimate_folded(folded, "ns1")
    assert (estimate.baseline, estimate.origin) == (4.0, "fold-in")


def test_what_left_the_catalogue_still_tells_of_the_user(view: RatingView):
    folded = view.fold_in({"gone": 4.0, "never heard of": 5.0, "ns1": 9.0})
    assert list(folded.title_ids) == ["gone"]


@pytest.mark.parametrize(("user_id", "is_known"), [(7, True), (3, True), (5, False), (9, False)])
def test_users_are_known_in_whatever_order_they_come(
    view: RatingView, user_id: int, is_known: bool
):
    assert view.knows_user(user_id) is is_known


def test_the_stars_of_a_list_are_those_of_each_title(view: RatingView):
    assert view.stars(7, {"ns1": 0.5}, ["ns1", "hs1"]) == [3.0, None]
    folded = view.fold_in({"ns1": 5.0})
    expected = view.estimate_folded(folded, "ns1").score
    assert view.stars(9, {"ns1": 5.0}, ["ns1"]) == view.stars(None, {"ns1": 5.0}, ["ns1"])
    assert view.stars(None, {"ns1": 5.0}, ["ns1"]) == [expected]
    assert view.stars(None, {}, ["ns1"]) == [4.0]
    assert view.stars(None, {}, []) == []
