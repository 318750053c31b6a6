import json
import re
from typing import Any
from urllib.parse import urljoin

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.routing import Mount

from cartelera.service.answering.answers import Answers
from cartelera.service.api.routes import create_api


def answer_of(client: TestClient, url: str) -> Any:
    response = client.get(url)
    assert response.status_code == 200, response.text
    return response.json()


def refusal_of(client: TestClient, url: str, status: int) -> Any:
    response = client.get(url)
    assert response.status_code == status, response.text
    content = response.json()
    assert content.keys() == {"error", "allowed"}
    assert content["error"].endswith(".")
    return content


def test_the_longest_title(client: TestClient):
    answer = answer_of(client, "/get_max_duration?year=2018&platform=netflix&duration_type=min")
    assert (answer["duration_int"], answer["titles"][0]["id"]) == (100, "ns1")


def test_blank_parameters_are_left_out(client: TestClient):
    blank = answer_of(client, "/get_max_duration?year=&platform=&duration_type=&type=")
    assert blank == answer_of(client, "/get_max_duration")


def test_no_match_is_an_explicit_empty_answer(client: TestClient):
    answer = answer_of(client, "/get_max_duration?year=1900")
    assert (answer["found"], answer["duration_int"], answer["titles"]) == (False, None, [])


def test_scores_strictly_above_the_threshold_count(client: TestClient):
    assert answer_of(client, "/get_score_count?scored=3.5")["count"] == 1
    assert answer_of(client, "/get_score_count?scored=3.49&year=2018&type=all")["count"] == 2


def test_titles_of_a_platform(client: TestClient):
    assert answer_of(client, "/get_count_platform?platform=Netflix")["by_type"] == {
        "movie": 1,
        "tv show": 1,
    }


def test_the_actor_in_most_titles(client: TestClient):
    answer = answer_of(client, "/get_actor")
    assert (answer["actors"], answer["appearances"]) == (["ann lee"], 3)


def test_a_prediction(client: TestClient):
    answer = answer_of(client, "/predict?user_id=1&title_id=ns1")
    assert (answer["score"], answer["origin"], answer["recommended"]) == (4.5, "model", True)


def test_recommendations_may_be_narrowed(client: TestClient):
    joined = answer_of(client, "/recommend?user_id=99&k=3&platforms=netflix,hulu&type=movie")
    listed = answer_of(client, "/recommend?user_id=99&k=3&platforms=hulu&platforms=netflix")
    assert [line["title"]["title_id"] for line in joined["titles"]] == ["ns1", "hs1"]
    assert [line["title"]["title_id"] for line in listed["titles"]] == ["ns1", "ns2", "hs1"]


def test_titles_are_found_and_shown(client: TestClient):
    page = answer_of(client, "/titles?words=ep&certificates=g,pg&k=1")
    assert (page["total"], page["titles"][0]["title_id"]) == (1, "ds1")
    assert answer_of(client, "/titles/NS2")["cast"] == ["Ann Lee"]
    similar = answer_of(client, "/titles/ns1/similar?type=movie&k=1")
    assert [line["title"]["title_id"] for line in similar["titles"]] == ["ds1"]
    to_rate = answer_of(client, "/titles/to_rate?k=5&rated=ns1,ns2&rated=hs1&type=movie")
    assert [title["title_id"] for title in to_rate["titles"]] == ["as1"]


def test_the_facets_say_what_filters_can_choose_from(client: TestClient):
    assert answer_of(client, "/facets")["genres"] == ["comedy", "drama"]


def test_a_user_has_a_profile_and_a_list(client: TestClient):
    assert answer_of(client, "/users/2?k=1")["liked"][0]["rating"] == 3.0
    listed = answer_of(client, "/users/1/recommendations?k=3&genre=comedy")
    assert listed == answer_of(client, "/recommend?user_id=1&k=3&genre=comedy")
    assert [line["title"]["title_id"] for line in listed["titles"]] == ["ns2", "as1"]
    seen = answer_of(client, "/users/1/recommendations?seen=true&k=1")
    assert seen["titles"][0]["title"]["title_id"] == "ns1"


def test_a_few_ratings_make_a_list(client: TestClient):
    body = {"ratings": {"ns1": 5}, "k": 1, "platforms": ["netflix"], "min_minutes": None}
    response = client.post("/recommendations", json=body)
    assert response.status_code == 200
    assert response.json()["origin"] == "ranking"


def test_many_predictions_come_in_order(client: TestClient):
    pairs = [{"user_id": 1, "title_id": title_id} for title_id in ("ns1", "xs1", "as1")]
    found = client.post("/predictions", json={"pairs": pairs}).json()["predictions"]
    assert [each.get("score") for each in found] == [4.5, None, 3.75]
    assert found[1] == {"error": "No title has the id `xs1`.", "allowed": None}
    assert found[0] == answer_of(client, "/predictions?user_id=1&title_id=ns1")


def test_a_rating_is_received(client: TestClient):
    body = {"user_id": 1, "title_id": "as1", "rating": 4.5}
    receipt = client.post("/ratings", json=body).json()
    assert (receipt["title"]["title_id"], receipt["rating"], receipt["replaced"]) == (
        "as1",
        4.5,
        None,
    )
    assert answer_of(client, "/predict?user_id=1&title_id=as1")["rating"] == 4.5


def test_a_user_takes_their_ratings_along_and_has_them_deleted(client: TestClient):
    exported = answer_of(client, "/users/2/ratings")
    assert exported == {
        "user_id": 2,
        "ratings": [
            {"title_id": "hs1", "display_title": "Gamma", "rating": 3.0},
            {"title_id": "ns2", "display_title": "Beta", "rating": 2.5},
        ],
    }
    deleted = client.delete("/users/2/ratings").json()
    assert (deleted["user_id"], deleted["n_ratings"]) == (2, 2)
    response = client.get("/users/2/ratings")
    assert response.status_code == 404
    assert "Nobody with the id 2" in response.json()["error"]
    assert client.delete("/users/2/ratings").json()["n_ratings"] == 0


@pytest.mark.parametrize("user_id", ["-1", "x", str(10**18)])
def test_the_ratings_of_nobody_that_can_be_are_not_deleted(client: TestClient, user_id: str):
    assert client.delete(f"/users/{user_id}/ratings").status_code == 422


AS_JSON = {"content-type": "application/json"}
RATED = {"user_id": 1, "title_id": "ns1", "rating": 4}
STARS = ["a number from 0.5 to 5 by 0.5"]


@pytest.mark.parametrize(
    ("path", "body", "status", "said", "allowed"),
    [
        ("ratings", {**RATED, "rating": 4.25}, 422, "`rating`", STARS),
        ("ratings", {**RATED, "rating": True}, 422, "not true or false", STARS),
        ("ratings", {**RATED, "user_id": -1}, 422, "`user_id`", ["a whole number"]),
        ("ratings", {**RATED, "title_id": "xs1"}, 404, "xs1", None),
        ("ratings", {**RATED, "when": 1}, 422, "`when`", ["rating", "title_id", "user_id"]),
        ("ratings", [], 400, "JSON object", None),
        ("ratings", 5, 400, "JSON object", None),
        ("recommendations", {"ratings": {"ns1": 9}}, 422, "`ratings.ns1`", None),
        ("recommendations", {"ratings": {"xs1": 4}}, 404, "xs1", None),
        ("recommendations", {"ratings": {}, "k": 0}, 422, "`k`", ["a whole number from 1"]),
        ("recommendations", {"ratings": {str(n): 4 for n in range(501)}}, 422, "`ratings`", None),
        ("predictions", {"pairs": []}, 422, "`pairs`", None),
        ("predictions", {"pairs": [{"user_id": 1}]}, 422, "`pairs.0.title_id` is required.", None),
        ("predictions", {"pairs": [None]}, 422, "`pairs.0` should be a JSON object.", None),
        ("recommendations", {"ratings": [4]}, 422, "`ratings` should be a JSON object.", None),
        ("ratings", {"\ud800": 1}, 400, "JSON object", None),
    ],
)
def test_a_bad_body_is_refused_in_a_sentence(
    client: TestClient, path: str, body: Any, status: int, said: str, allowed: list[str] | None
):
    response = client.post(f"/{path}", content=json.dumps(body), headers=AS_JSON)
    assert response.status_code == status, response.text
    refusal = response.json()
    assert refusal.keys() == {"error", "allowed"}
    assert said in refusal["error"]
    assert allowed is None or refusal["allowed"] == allowed


@pytest.mark.parametrize(
    ("content", "media_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"", "application/json", 400),
        (b"\x1f\x8b\x08\x00", "application/json", 400),
        (b"[" * 5000, "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b'{"user_id": ' + b"9" * 5000 + b"}", "application/json", 400),
        (b'{"user_id": 1, "title_id": "ns1", "rating": 4}', "text/plain", 415),
        (b"user_id=1&title_id=ns1&rating=4", "application/x-www-form-urlencoded", 415),
    ],
)
def test_what_is_no_json_is_refused_in_a_sentence(
    client: TestClient, content: bytes, media_type: str, status: int
):
    response = client.post("/ratings", content=content, headers={"content-type": media_type})
    assert response.status_code == status, response.text
    assert response.json().keys() == {"error", "allowed"}
    assert "JSON" in response.json()["error"]


def test_the_model_card(client: TestClient):
    assert answer_of(client, "/model")["version"] == "7"


LIST_PARAMETERS = [
    "certificates",
    "diversity",
    "genre",
    "k",
    "max_minutes",
    "min_minutes",
    "platforms",
    "seen",
    "type",
    "without",
    "year_from",
    "year_to",
]
PLATFORMS = ["amazon", "disney", "hulu", "netflix"]


@pytest.mark.parametrize(
    ("url", "status", "said", "allowed"),
    [
        ("/get_actor?platform=betamax", 422, "betamax", PLATFORMS),
        ("/recommend?user_id=1&platforms=betamax", 422, "betamax", PLATFORMS),
        ("/get_actor?type=play", 422, "play", ["movie", "tv show", "all"]),
        ("/get_max_duration?duration_type=hours", 422, "hours", ["min", "season"]),
        ("/get_actor?year=soon", 422, "`year`", ["a whole number from 1870 to 2035"]),
        ("/get_actor?year=2018.5", 422, "`year`", ["a whole number from 1870 to 2035"]),
        ("/get_actor?year=" + "9" * 31, 422, "`year`", ["a whole number from 1870 to 2035"]),
        ("/get_actor?year=" + "9" * 5000, 422, "`year`", ["a whole number from 1870 to 2035"]),
        ("/get_actor?year=2036", 422, "year=2036", ["a whole number from 1870 to 2035"]),
        ("/titles?year_from=1869", 422, "`year_from`", ["a whole number from 1870 to 2035"]),
        (
            "/recommend?user_id=1&year_to=2036",
            422,
            "`year_to`",
            ["a whole number from 1870 to 2035"],
        ),
        ("/get_score_count", 422, "`scored` is required.", ["a number from 0 to 5"]),
        ("/get_score_count?scored=nan", 422, "`scored`", ["a number from 0 to 5"]),
        ("/get_score_count?scored=inf", 422, "`scored`", ["a number from 0 to 5"]),
        ("/get_score_count?scored=6", 422, "`scored`", ["a number from 0 to 5"]),
        ("/predict?user_id=1&title_id=xs1", 404, "xs1", None),
        ("/predict?user_id=one&title_id=ns1", 422, "`user_id`", ["a whole number"]),
        ("/predict?user_id=" + "9" * 31 + "&title_id=ns1", 422, "`user_id`", ["a whole number"]),
        ("/predict?user_id=1&title_id=" + "x" * 50_000, 422, "`title_id`", None),
        ("/recommend?user_id=1&k=0", 422, "`k`", ["a whole number from 1"]),
        ("/recommend?user_id=1&k=21", 422, "`k`", ["a whole number from 1 to 20"]),
        ("/recommend?user_id=1&genre=polka", 422, "polka", ["comedy", "drama"]),
        ("/titles?certificates=x", 422, "'x'", ["g", "pg", "r"]),
        ("/titles?max_minutes=-1", 422, "`max_minutes`", ["a whole number from 0 to 10000"]),
        ("/titles?offset=-1", 422, "`offset`", ["a whole number from 0 to 10000000"]),
        ("/titles?words=" + "x" * 201, 422, "`words`", None),
        ("/titles?year_from=2019&year_to=2018", 422, "2019", ["`year_from` up to `year_to`"]),
        ("/recommend?user_id=1&diversity=1.5", 422, "`diversity`", ["a number from 0 to 1"]),
        ("/recommend?user_id=1&diversity=nan", 422, "`diversity`", ["a number from 0 to 1"]),
        ("/titles/to_rate?rated=xs1,ns1", 404, "xs1", None),
        ("/titles/to_rate?rated=" + "x," * 501, 422, "`rated`", ["up to 500 title ids"]),
        ("/titles/xs1", 404, "xs1", None),
        ("/titles/" + "x" * 41, 422, "`title_id`", None),
        ("/titles/xs1/similar", 404, "xs1", None),
        ("/users/99", 404, "99", None),
        ("/users/one", 422, "`user_id`", ["a whole number"]),
        ("/users/1/recommendations?user_id=2", 422, "`user_id` is not", LIST_PARAMETERS),
        ("/get_count_platform?plattform=hulu", 422, "plattform", ["platform", "type"]),
        ("/get_actor?year=2018&year=2019", 422, "`year` is given 2 times", None),
        ("/recommend?user_id=1&user_id=1", 422, "`user_id` is given 2 times", None),
        ("/titles?" + "x" * 90 + "=1&" + "x" * 90 + "=1", 422, "given 2 times", None),
        ("/nowhere", 404, "", None),
    ],
)
def test_a_bad_question_is_refused_in_a_sentence(
    client: TestClient, url: str, status: int, said: str, allowed: list[str] | None
):
    refusal = refusal_of(client, url, status)
    assert said in refusal["error"]
    assert len(refusal["error"]) < 300
    assert refusal["allowed"] == allowed


NAMES = [
    "platform", "platforms", "year", "type", "scored", "user_id", "title_id", "k", "words", "rated",
    "diversity",
]  # fmt: skip
PATHS = [
    "get_max_duration",
    "get_score_count",
    "get_count_platform",
    "get_actor",
    "titles",
    "facets",
    "titles/to_rate",
    "titles/ns1",
    "titles/ns1/similar",
    "users/1",
    "users/1/recommendations",
    "predict",
    "predictions",
    "recommend",
    "model",
]


@given(
    path=st.sampled_from(PATHS),
    query=st.dictionaries(
        st.sampled_from(NAMES) | st.text(max_size=5),
        st.text(max_size=20) | st.integers().map(str) | st.floats().map(str),
        max_size=4,
    ),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_query_string_breaks_the_service(client: TestClient, path: str, query: dict[str, str]):
    response = client.get(f"/{path}", params=query)
    assert response.status_code in (200, 404, 422)
    assert "NaN" not in response.text


def test_other_methods_are_refused_in_the_same_shape(client: TestClient):
    response = client.delete("/get_actor")
    assert response.status_code == 405
    assert response.headers["allow"] == "GET"
    assert response.json().keys() == {"error", "allowed"}
    assert response.json()["allowed"] == ["GET"]


def test_the_page_of_the_document_loads_nothing_from_elsewhere(answers: Answers):
    client = TestClient(Starlette(routes=[Mount("/api", create_api(lambda: answers))]))
    page = client.get("/api/docs")
    assert page.status_code == 200
    assert not re.search(r"(src|href|url)\W+(https?:)?//", page.text)
    assert "default-src 'self'" in page.headers["content-security-policy"]
    assert "url: 'openapi.json'" in page.text


def test_the_page_of_the_document_works_under_a_longer_address(answers: Answers):
    client = TestClient(Starlette(routes=[Mount("/api", create_api(lambda: answers))]))
    addresses = re.findall(r"""(?:src|href)=["']([^"']+)""", client.get("/api/docs").text)
    assert addresses
    assert {urljoin("/films/api/docs", each).rpartition("/")[0] for each in addresses} == {
        "/films/static_content"
    }
