import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

from cartelera.evaluation import report
from cartelera.evaluation import spot_checks as s
from cartelera.evaluation.comparison import NDCG, RMSE, Comparison, compare
from cartelera.evaluation.drift import Limits, measure_drift
from cartelera.evaluation.residuals import summarise
from cartelera.evaluation.verdicts import Verdict
from cartelera.ratings.portrait import Portrait

CURVE = pd.DataFrame(
    {"epoch": [1, 2, 3], "train_rmse": [1.2, 1.0, 0.9], "valid_rmse": [1.2, 1.1, 1.15]}
)
SIGNAL = {"has_taste": True, "sentence": "There is taste & <plenty>."}


def compared(fake, train, test, stars: float, relevant_at: float = 4.0) -> Comparison:
    """The model predicts 3 stars; the baselines predict `stars`."""
    titles = list("abcde")
    others = ("bias_only", "user_mean", "popularity")
    return compare(
        {"model": fake(titles), **{name: fake(titles, stars=stars) for name in others}},
        train,
        test,
        k=2,
        relevant_at=relevant_at,
        n_bootstrap=100,
        confidence=0.95,
        seed=0,
    )


def render(comparison, train, pictures, checks=()) -> str:
    return report.render(comparison, pictures, list(checks), signal=SIGNAL, n_train=len(train))


@pytest.fixture(scope="module")
def comparison(fake, train, test) -> Comparison:
    return compared(fake, train, test, stars=0.5)


@pytest.fixture(scope="module")
def pictures(comparison, train, test) -> list[report.Picture]:
    return report.draw(comparison, train, test, CURVE)


@pytest.fixture(scope="module")
def checks(model, train, test, titles) -> list[s.SpotCheck]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(s, "MIN_TRAIN_RATINGS", 3)
        patch.setattr(s, "MIN_TEST_RATINGS", 2)
        return s.spot_checks(model, train, test, titles, k=2, n_users=9, seed=0)


@pytest.fixture(scope="module")
def page(comparison, train, pictures, checks) -> str:
    return render(comparison, train, pictures, checks)


@pytest.mark.parametrize(
    ("stars", "is_better", "words"),
    [(0.5, True, "clearly better"), (3.0, False, "not clearly better")],
)
def test_the_verdict_follows_the_paired_difference(fake, train, test, stars, is_better, words):
    comparison = compared(fake, train, test, stars)

    verdict = report.rmse_verdict(comparison, "bias_only")

    assert verdict.is_better is is_better is (comparison.differences[RMSE]["bias_only"].high < 0)
    assert words in verdict.sentence
    assert "bias-only" in verdict.sentence
    assert "95% interval" in verdict.sentence


def test_a_worse_model_is_called_worse(fake, train):
    test = pd.DataFrame(
        {"user_id": [1, 2, 3, 4], "title_id": ["e", "c", "b", "c"], "rating": [4.5, 5.0, 4.5, 5.0]}
    )

    verdict = report.rmse_verdict(compared(fake, train, test, stars=4.5), "user_mean")

    assert not verdict.is_better
    assert "clearly worse than the user-mean baseline" in verdict.sentence


def test_lists_are_judged_beside_popularity(model, fake, train, test):
    comparison = compared(fake, train, test, stars=3.0)

    verdict = report.list_verdict(comparison, "popularity")

    assert comparison.differences[NDCG]["popularity"].value == 0
    assert "neither more nor less" in verdict.sentence
    assert not verdict.is_better


def test_the_page_says_what_was_measured(page, comparison, checks):
    assert f"{comparison.interval('model', RMSE).value:.4f}" in page
    assert f"{comparison.interval('user_mean', RMSE).value:.4f}" in page
    for name in ("Model", "Bias only", "User mean", "Popularity", "NDCG@2", "Coverage@2"):
        assert name in page
    assert [f"User {check.user_id}" in page for check in checks] == [True] * 3
    assert "Epsilon" in page


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


def test_pictures_are_the_same_every_time(comparison, train, test, pictures):
    assert report.draw(comparison, train, test, CURVE) == pictures
    assert all(picture.png.startswith(b"\x89PNG") for picture in pictures)
    assert all(b"matplotlib" not in picture.png for picture in pictures)


def test_pictures_are_saved_by_name(pictures, tmp_path):
    report.save(pictures, tmp_path / "figures")

    assert {file.name for file in (tmp_path / "figures").iterdir()} == {
        "rmse.png",
        "ranking.png",
        "learning_curve.png",
        "calibration.png",
        "rmse_by_activity.png",
        "rmse_by_popularity.png",
    }


def test_without_much_to_show_the_page_says_so(fake, train, test):
    """One epoch, no validation ratings, no relevant titles, no users for spot checks."""
    curve = pd.DataFrame({"epoch": [20], "train_rmse": [0.9], "valid_rmse": [np.nan]})
    comparison = compared(fake, train, test, 3.5, relevant_at=6.0)

    page = render(comparison, train, report.draw(comparison, train, test, curve))

    assert "Only the error after the last pass" in page
    assert "No user has a relevant held-out title" in page
    assert "No user has enough ratings" in page
    assert "nan" not in re.sub(r'src="[^"]*"', "", page)


def test_the_extras_have_their_sections(comparison, train, pictures):
    earlier = train.assign(timestamp=train["timestamp"] * 1_000_000)
    new = earlier[earlier["timestamp"] > 8_000_000]
    drift = measure_drift(
        earlier, new, Portrait.of(earlier[earlier["timestamp"] <= 8_000_000]),
        known_users=[1, 2], known_titles=list("abcde"),
        limits=Limits(new=0.2, psi=0.1, alpha=0.05, n_permutations=99, seed=0),
    )  # fmt: skip
    errors = summarise(
        np.arange(9), np.arange(9) / 2 + 0.5, np.full(9, 2.5), coverage=0.8, top=5.0, seed=0
    )
    extras = report.Extras(
        "Made <well>.", [Verdict(True, "Better than the champion.")], errors, drift, "Since May."
    )
    drawn = report.draw_drift(drift)
    html = report.render(
        comparison, [*pictures, *drawn], [], signal=SIGNAL, n_train=len(train), extras=extras
    )

    for said in ("Made &lt;well&gt;.", "Better than the champion.", "Since May.", "New ratings"):
        assert said in html
    assert "100.0% of the new ratings are of users not known before" in html
    assert "\u22122.00" in html and "+2.00" in html
    assert [picture.name for picture in drawn] == ["drift_stars", "drift_activity"]
    assert all(html.count(picture.data_url) == 1 for picture in (*pictures, *drawn))
    assert report.draw_drift(drift) == drawn


def test_without_extras_there_are_no_empty_sections(page):
    for heading in ("How far off a prediction may be", "New ratings"):
        assert heading not in page
