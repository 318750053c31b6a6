import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

from cartelera.evaluation import report
from cartelera.evaluation import spot_checks as s
from cartelera.evaluation.bootstrap import Interval
from cartelera.evaluation.breakdown import activity_groups
from cartelera.evaluation.cold_titles import ColdTitles
from cartelera.evaluation.comparison import Comparison, compare, draw_audience
from cartelera.evaluation.contrast import Contrast
from cartelera.evaluation.drift import Limits, measure_drift
from cartelera.evaluation.entry import Entry
from cartelera.evaluation.metrics.ndcg import NDCG
from cartelera.evaluation.metrics.rmse import RMSE
from cartelera.evaluation.newcomer_lists import measure_newcomers
from cartelera.evaluation.pictures import Pictures, draw_drift, draw_lists, draw_stars
from cartelera.evaluation.residuals import summarise
from cartelera.evaluation.settings import Settings
from cartelera.evaluation.verdicts import (
    Verdict,
    list_verdict,
    newcomer_verdict,
    personal_verdict,
    rmse_verdict,
)
from cartelera.ratings.ratings_profile import RatingsProfile

CURVE = pd.DataFrame(
    {"epoch": [1, 2, 3], "train_rmse": [1.2, 1.0, 0.9], "valid_rmse": [1.2, 1.1, 1.15]}
)
FOLD_IN = pd.DataFrame(
    {
        "n_ratings": [1, 3],
        "n_users": [9, 9],
        "rmse": [0.97, 0.94],
        "title_mean_rmse": [0.99, 0.99],
        "bias_rmse": [0.98, 0.95],
    }
)
SIGNAL = {"taste": {"is_found": True}, "sentence": "There is taste & <plenty>."}


SETTINGS = Settings(k=2, relevant_at=4.0, n_bootstrap=100, confidence=0.95, max_users=100, seed=0)


def compared(fake, train, test, stars: float, relevant_at: float = 4.0, scores=None) -> Comparison:
    """The model predicts 3 stars and lists by `scores`; the baselines predict `stars`."""
    lists = ("impersonal", "popularity", "item_knn", "ease")
    return compare(
        {
            "model": fake(scores=scores),
            **{name: Entry(ranker=fake().ranker) for name in lists},
            **{name: Entry(rater=fake(stars=stars).rater) for name in ("bias_only", "user_mean")},
        },
        train,
        test,
        replace(SETTINGS, relevant_at=relevant_at),
    )


def newcomers_of(comparison, fake, train, test, scores=None):
    audience = draw_audience(train, test, comparison.settings)
    rankers = {"model": fake(scores=scores).ranker, "popularity": fake().ranker}
    return measure_newcomers(rankers, audience, comparison.settings)


def kinds_of(comparison, train):
    return {"ratings in train": activity_groups(train, comparison.user_ids)}


def draw(comparison, newcomers, train, test, curve=CURVE) -> Pictures:
    return Pictures(
        draw_lists(comparison, newcomers, kinds_of(comparison, train)),
        draw_stars(comparison, train, test, curve, FOLD_IN),
        [],
    )


def render(comparison, train, pictures, checks=(), extras=report.NO_EXTRAS) -> str:
    return report.render(
        comparison, pictures, list(checks), signal=SIGNAL, n_train=len(train), extras=extras
    )


@pytest.fixture(scope="module")
def comparison(fake, train, test) -> Comparison:
    return compared(fake, train, test, stars=0.5)


@pytest.fixture(scope="module")
def newcomers(comparison, fake, train, test):
    return newcomers_of(comparison, fake, train, test)


@pytest.fixture(scope="module")
def pictures(comparison, newcomers, train, test) -> Pictures:
    return draw(comparison, newcomers, train, test)


@pytest.fixture(scope="module")
def checks(model, train, test, titles) -> list[s.SpotCheck]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(s, "MIN_TRAIN_RATINGS", 3)
        patch.setattr(s, "MIN_TEST_RATINGS", 2)
        users = s.draw_users(train, test, n_users=9, seed=0)
        return s.spot_checks(users, model.rater, model.ranker, train, test, titles, k=2)


@pytest.fixture(scope="module")
def page(comparison, newcomers, train, pictures, checks) -> str:
    extras = report.Extras(newcomers=newcomers, chosen={"item_knn": {"n_neighbours": 50}})
    return render(comparison, train, pictures, checks, extras)


@pytest.mark.parametrize(
    ("stars", "is_better", "words"),
    [(0.5, True, "clearly better"), (3.0, False, "not clearly better")],
)
def test_the_verdict_follows_the_paired_difference(fake, train, test, stars, is_better, words):
    comparison = compared(fake, train, test, stars)

    verdict = rmse_verdict(comparison, "bias_only")

    assert verdict.is_better is is_better is (comparison.differences[RMSE]["bias_only"].high < 0)
    assert words in verdict.sentence
    assert "bias-only" in verdict.sentence
    assert "95% interval" in verdict.sentence


def test_a_worse_model_is_called_worse(fake, train):
    test = pd.DataFrame(
        {"user_id": [1, 2, 3, 4], "title_id": ["e", "c", "b", "c"], "rating": [4.5, 5.0, 4.5, 5.0]}
    )

    verdict = rmse_verdict(compared(fake, train, test, stars=4.5), "user_mean")

    assert not verdict.is_better
    assert "clearly worse than the user-mean baseline" in verdict.sentence


def test_lists_are_judged_beside_popularity(fake, train, test):
    comparison = compared(fake, train, test, stars=3.0)

    verdict = list_verdict(comparison, "popularity")

    assert comparison.differences[NDCG]["popularity"].value == 0
    assert "neither clearly more nor clearly less than those of popularity" in verdict.sentence
    assert not verdict.is_better


@pytest.fixture(scope="module")
def likes() -> pd.DataFrame:
    """Held out: twenty users like e, which comes last in the alphabet, and a few f as well."""
    return pd.DataFrame({"user_id": range(20), "title_id": "e", "rating": 5.0})


@pytest.fixture(scope="module")
def seen() -> pd.DataFrame:
    """Each has rated something else before."""
    return pd.DataFrame(
        {"user_id": range(20), "title_id": "d", "rating": 3.0, "timestamp": range(20)}
    )


@pytest.fixture(scope="module")
def knows(likes):
    """Scores by which e comes first."""
    return {user: [0, 0, 0, 0, 1] for user in likes["user_id"]}


def test_lists_that_hit_more_are_said_to_and_by_how_much(fake, seen, likes, knows):
    comparison = compared(fake, seen, likes, stars=3.0, scores=knows)

    verdict = list_verdict(comparison, "item_knn")

    assert verdict.is_better
    assert verdict.sentence.startswith("The model's lists hit more than those of item-kNN: NDCG@2")
    assert "is 1.000 against 0.000" in verdict.sentence


def test_a_share_is_named_where_there_is_something_to_compare_with(fake, seen, likes, knows):
    half = {user: scores for user, scores in knows.items() if user % 2}
    entries = {"model": fake(scores=knows), "ease": fake(scores=half)}
    comparison = compare(entries, seen, likes, SETTINGS)
    worse = compare(dict(reversed(entries.items())), seen, likes, SETTINGS)

    assert "hit more than those of EASE by 100%" in list_verdict(comparison, "ease").sentence
    assert "hit less than those of model by 50%" in list_verdict(worse, "model").sentence


def test_what_is_personal_in_lists_is_said(fake, seen, likes, knows):
    worth = personal_verdict(compared(fake, seen, likes, 3.0, scores=knows), "impersonal")
    assert worth.is_better
    assert worth.sentence.startswith("The lists of two users have 2.0 of 2 titles in common")
    assert "with one list for all, NDCG would be only 0.000" in worth.sentence

    nothing = personal_verdict(compared(fake, seen, likes, 3.0), "impersonal")
    assert not nothing.is_better
    assert "worth nothing that can be told from chance" in nothing.sentence


def test_newcomers_lists_are_judged(fake, seen, likes, knows):
    comparison = compared(fake, seen, likes, 3.0, scores=knows)
    found = newcomers_of(comparison, fake, seen, likes, scores=knows)

    verdict = newcomer_verdict(found, "popularity", 3, 0.95)

    assert verdict.is_better
    assert verdict.sentence.startswith("After 3 ratings a list hits more than that of popularity")


def test_the_page_says_what_was_measured(page, comparison, checks):
    assert f"{comparison.interval('model', RMSE).value:.4f}" in page
    assert f"{comparison.interval('user_mean', RMSE).value:.4f}" in page
    for name in ("Model", "Bias only", "Item kNN", "Popularity", "NDCG@2", "Coverage@2", "Gini@2"):
        assert name in page
    assert [f"User {check.user_id}" in page for check in checks] == [True] * 3
    assert "Epsilon" in page
    assert "Item kNN (n neighbours 50)" in page
    assert page.index("Lists: in which order") < page.index("Stars: how many")


def test_what_people_wrote_is_escaped(page):
    assert "Gamma &lt;3" in page
    assert "Gamma <3" not in page
    assert "taste &amp; &lt;plenty&gt;" in page


def test_the_page_needs_no_other_file(page):
    sources = re.findall(r'(?:src|href)="([^"]*)"', page)

    assert sources
    assert all(source.startswith("data:image/png;base64,") for source in sources)
    assert "<script" not in page
    assert "url(" not in page


def test_the_page_is_well_formed(page):
    class Tags(HTMLParser):
        open_tags: list[str]

        def handle_starttag(self, tag, attrs):  # noqa: ARG002
            if tag not in ("meta", "img", "br"):
                self.open_tags.append(tag)

        def handle_endtag(self, tag):
            assert self.open_tags.pop() == tag

    tags = Tags()
    tags.open_tags = []
    tags.feed(page)
    assert tags.open_tags == []


def test_pictures_are_the_same_every_time(comparison, newcomers, train, test, pictures):
    assert draw(comparison, newcomers, train, test) == pictures
    for picture in (*pictures.lists, *pictures.stars):
        assert picture.png.startswith(b"\x89PNG")
        assert b"matplotlib" not in picture.png


def test_pictures_are_saved_by_name(pictures, tmp_path):
    pictures.save(tmp_path / "figures")

    assert {file.name for file in (tmp_path / "figures").iterdir()} == {
        "ndcg.png",
        "ndcg_by_group.png",
        "newcomers.png",
        "rare_titles.png",
        "variety.png",
        "rmse.png",
        "fold_in.png",
        "learning_curve.png",
        "calibration.png",
        "rmse_by_activity.png",
        "rmse_by_popularity.png",
    }


def test_very_different_people_stand_side_by_side(comparison, train, pictures, checks):
    found = Contrast(["drama, noir", "kids", "noir"], checks, overlap=0.25)
    text = unescape(render(comparison, train, pictures, extras=report.Extras(contrast=found)))
    assert "Very different people, side by side" in text
    assert "25% of one's list stands in another's too" in text
    assert text.index("Drama, noir") < text.index("Kids") < text.index("Noir")


def test_without_much_to_show_the_page_says_so(fake, train, test):
    """One epoch, no validation ratings, no relevant titles, no users for spot checks."""
    curve = pd.DataFrame({"epoch": [20], "train_rmse": [0.9], "valid_rmse": [np.nan]})
    comparison = compared(fake, train, test, 3.5, relevant_at=6.0)

    newcomers = newcomers_of(comparison, fake, train, test)
    pictures = Pictures(
        draw_lists(comparison, newcomers, kinds_of(comparison, train)),
        draw_stars(comparison, train, test, curve),
        [],
    )
    page = render(comparison, train, pictures, extras=report.Extras(newcomers=newcomers))

    assert "Only the error after the last pass" in page
    assert "No user has a relevant held-out title" in page
    assert "No user has enough ratings" in page
    assert "nan" not in re.sub(r'src="[^"]*"', "", page)


def test_the_extras_have_their_sections(comparison, train, pictures):
    earlier = train.assign(timestamp=train["timestamp"] * 1_000_000)
    new = earlier[earlier["timestamp"] > 8_000_000]
    drift = measure_drift(
        earlier, new, RatingsProfile.of(earlier[earlier["timestamp"] <= 8_000_000]),
        known_users=[1, 2], known_titles=list("abcde"),
        limits=Limits(new=0.2, psi=0.1, alpha=0.05, n_permutations=99, seed=0),
    )  # fmt: skip
    errors = summarise(
        np.arange(9), np.arange(9) / 2 + 0.5, np.full(9, 2.5), coverage=0.8, top=5.0, seed=0
    )
    cold = ColdTitles(
        Interval(0.23, 0.2, 0.26), Interval(0.03, 0.02, 0.04), Interval(0.2, 0.1, 0.3), 5, 60
    )
    extras = report.Extras(
        about="Made <well>.",
        verdicts=[Verdict(True, "Better than the champion.")],
        residuals=errors,
        drift=drift,
        drift_since="Since May.",
        cold=cold,
    )
    drawn = draw_drift(drift)
    html = render(comparison, train, replace(pictures, drift=drawn), extras=extras)

    for said in ("Made &lt;well&gt;.", "Better than the champion.", "Since May.", "New ratings"):
        assert said in html
    assert "100.0% of the new ratings are of users not known before" in html
    assert "\u22122.00" in html and "+2.00" in html
    assert "NDCG is 0.230 (0.200 \u2013 0.260) against 0.030 in random order" in html
    assert [picture.name for picture in drawn] == ["drift_stars", "drift_activity"]
    shown = (*pictures.lists, *pictures.stars, *drawn)
    assert all(html.count(picture.data_url) == 1 for picture in shown)
    assert draw_drift(drift) == drawn


def test_without_extras_there_are_no_empty_sections(page):
    for heading in ("How far off a prediction may be", "New ratings", "Titles nobody rated"):
        assert heading not in page
