"""The scale of ratings and the years: as the cleaning has them, all the way to the page."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from fastapi.testclient import TestClient
from starlette.applications import Starlette

from cartelera.catalogue.arguments import QueryError
from cartelera.config import compose
from cartelera.service.answering.answers import Answers
from cartelera.service.answering.feedback import FeedbackLog
from cartelera.service.answering.filters import Filters
from cartelera.service.answering.health import try_out
from cartelera.service.answering.settings import Settings
from cartelera.service.bundle import writing as bundle_writing
from cartelera.service.bundle.layout import Bundle
from cartelera.service.bundle.loading import load
from cartelera.service.middleware.request_validation import RequestValidation
from cartelera.service.operations.users import RateQuestion
from cartelera.service.page.catalogue_questions import CatalogueQuestions
from cartelera.service.page.markup import Markup
from cartelera.service.page.saved_ratings import SavedRatings
from cartelera.service.page.tonight import Tonight
from cartelera.service.page.words import Words
from cartelera.service.problems import Refused

PLAIN = {"recommend_at": 3.0, "default_k": 2, "max_k": 20, "diversity": 0.0}
BOUNDS = {
    "rating_min": 1.0,
    "rating_max": 4.0,
    "rating_step": 1.0,
    "earliest_year": 2001,
    "latest_year": 2050,
}
STARS = "a number from 1 to 4 by 1"
YEAR = "a whole number from 2001 to 2050"


@pytest.fixture
def bounded(
    tmp_path: Path,
    factors_folder: Path,
    titles: pd.DataFrame,
    scores: pd.DataFrame,
    seen: pd.DataFrame,
    feedback_folder: Path,
) -> Answers:
    """What answers where ratings go from 1 to 4 by 1."""
    bundle = Bundle(tmp_path / "bounded")
    bundle_writing.write(
        bundle,
        factors=factors_folder,
        titles=titles,
        scores=scores,
        seen=seen,
        settings=Settings(**PLAIN, **BOUNDS),
        registered={"name": "tiny", "version": "7"},
    )
    return load(bundle, FeedbackLog(feedback_folder))


@pytest.fixture
def bounded_client(api: Any, bounded: Answers) -> TestClient:
    api.answers = bounded
    return TestClient(api.app, raise_server_exceptions=False)


def test_a_bundle_without_bounds_has_those_of_the_settings_files(tmp_path: Path):
    path = tmp_path / "settings.json"
    path.write_text(json.dumps(PLAIN))
    read, etl = Settings.read(path), compose().etl
    assert {name: getattr(read, name) for name in BOUNDS} == {
        name: getattr(etl, name) for name in BOUNDS
    }


def test_settings_travel_through_the_bundle(bounded: Answers):
    assert bounded.settings == Settings(**PLAIN, **BOUNDS)
    assert try_out(bounded) is bounded


@pytest.mark.parametrize("rating", [0.5, 1.5, 4.5, 5, 0, -1, 1e300])
def test_what_the_cleaning_will_reject_is_refused(bounded: Answers, rating: float):
    asked: list[Callable[[], object]] = [
        lambda: bounded.rate(1, "ds1", rating),
        lambda: bounded.recommend_new({"ns1": 2, "ds1": rating}),
    ]
    for ask in asked:
        with pytest.raises(Refused) as refused:
            ask()
        assert refused.value.status == 422
        assert refused.value.problem.allowed == [STARS]
    assert bounded.user(1, 20).n_ratings == 1, "as before"


def test_what_the_cleaning_takes_is_taken(bounded: Answers):
    assert bounded.rate(1, "ds1", 4).rating == 4
    assert bounded.recommend_new({"ns1": 1, "ds1": 4}).titles


def test_a_received_rating_off_the_scale_of_today_does_not_count(
    bounded: Answers, feedback_folder: Path
):
    feedback_folder.mkdir()
    lines = ("userId,rating,timestamp,movieId", "77,4.5,1,ns1", "77,3.0,2,ds1", "77,0.0,3,hs1")
    (feedback_folder / "ratings.csv").write_text("\n".join(lines) + "\n")
    profile = bounded.user(77)
    assert [(line.title.title_id, line.rating) for line in profile.liked] == [("ds1", 3.0)]


def test_years_are_those_of_the_cleaning(bounded: Answers):
    assert not bounded.queries.get_actor(year=2050).found
    with pytest.raises(QueryError, match=YEAR):
        bounded.queries.get_actor(year=2000)
    for wanted in (Filters(year_from=2000), Filters(year_to=2051)):
        with pytest.raises(Refused) as refused:
            bounded.recommend(1, filters=wanted)
        assert refused.value.problem.allowed == [YEAR]


@pytest.mark.parametrize(
    ("path", "body", "allowed"),
    [
        ("ratings", {"user_id": 1, "title_id": "ns1", "rating": 4.5}, STARS),
        ("ratings", {"user_id": 1, "title_id": "ns1", "rating": "four"}, STARS),
        ("recommendations", {"ratings": {"ns1": 0.5}}, STARS),
        ("recommendations", {"ratings": {"ns1": "x"}}, f"up to 500 by title id, each {STARS}"),
        ("recommendations", {"ratings": {}, "year_from": 1999}, YEAR),
        ("recommendations", {"ratings": {}, "year_from": "x"}, YEAR),
    ],
)
def test_the_api_says_what_is_allowed(
    bounded_client: TestClient, path: str, body: dict[str, Any], allowed: str
):
    response = bounded_client.post(f"/{path}", json=body)
    assert (response.status_code, response.json()["allowed"]) == (422, [allowed])


def test_so_do_the_native_endpoints(bounded: Answers):
    validation = RequestValidation(
        Starlette(), {"/rate": RateQuestion}, lambda: bounded.settings.allowed
    )
    refused = TestClient(validation).post(
        "/rate", json={"user_id": 1, "title_id": "a", "rating": "x"}
    )
    assert (refused.status_code, refused.json()["allowed"]) == (422, [STARS])


def test_the_document_states_the_bounds_of_what_answers_now(
    bounded_client: TestClient, api: Any, answers: Answers
):
    def bounds() -> tuple[Any, ...]:
        document = bounded_client.get("/openapi.json").json()
        rating = document["components"]["schemas"]["RateQuestion"]["properties"]["rating"]
        asked = document["paths"]["/get_actor"]["get"]["parameters"]
        year = next(one["schema"] for one in asked if one["name"] == "year")
        assert "x-bounds" not in json.dumps(document)
        stated = [rating["minimum"], rating["maximum"], rating["multipleOf"]]
        said = next(text for text in ("1 to 4 by 1", "0.5 to 5 by 0.5", "{scale}")
                    if text in document["info"]["description"])  # fmt: skip
        return *stated, year["minimum"], year["maximum"], said

    assert bounds() == (1, 4, 1, 2001, 2050, "1 to 4 by 1")
    api.answers = answers
    assert bounds() == (0.5, 5, 0.5, 1870, 2035, "0.5 to 5 by 0.5")


def test_the_stars_of_the_page_follow_the_scale(bounded: Answers):
    markup = Markup(Words("en"), lambda: bounded.settings.scale)
    page = Tonight(lambda: bounded, markup)
    found = page.find("alpha", '{"ns1": 3}')
    assert 'min="0"' in found
    assert 'max="4" step="1"' in found
    assert 'data-lowest="1"' in found
    assert 'value="3" style="--value: 3.00; --most: 4"' in found
    assert "3.0 of 4 stars" in found
    unrated = page.find("alpha", '{"ns1": 4.5}')
    assert 'value="0"' in unrated
    assert "not rated" in unrated.lower()


def test_where_no_star_is_a_rating_it_is_shown_as_one(bounded: Answers):
    scale = Settings(**PLAIN, **{**BOUNDS, "rating_min": 0.0}).scale
    markup = Markup(Words("en"), lambda: scale)
    title = bounded.title("ns1")
    slider = markup(
        "search_results", titles=[title], total=1, words="a", rateable=True, ratings={"ns1": 0}
    )
    assert 'min="-1"' in slider
    assert 'value="0"' in slider
    assert "0.0 of 4 stars" in slider


def test_the_page_keeps_possible_ratings_and_asks_for_believed_years(bounded: Answers):
    markup = Markup(Words("en"), lambda: bounded.settings.scale)
    kept = SavedRatings(lambda: bounded, markup, trusts_visitors=True).save(
        '{"ns1": 4, "ds1": 4.5, "hs1": 0.5}', "", ""
    )
    assert "data-number" in kept
    number = int(kept.split('data-number="')[1].split('"')[0])
    assert bounded.user(number).n_ratings == 1
    said = CatalogueQuestions(lambda: bounded, markup).actor("all", "", "1999")
    assert "from 2001 to 2050" in said
