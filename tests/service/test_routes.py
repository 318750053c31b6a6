import re
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.routing import Mount

from cartelera.service.answers import Answers
from cartelera.service.examples import EXAMPLES
from cartelera.service.pages import create_index
from cartelera.service.routes import create_api

ENDPOINTS = sorted(EXAMPLES)


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


def test_the_model_card(client: TestClient):
    assert answer_of(client, "/model")["version"] == "7"


PLATFORMS = ["amazon", "disney", "hulu", "netflix"]


@pytest.mark.parametrize(
    ("url", "status", "said", "allowed"),
    [
        ("/get_actor?platform=betamax", 422, "betamax", PLATFORMS),
        ("/recommend?user_id=1&platforms=betamax", 422, "betamax", PLATFORMS),
        ("/get_actor?type=play", 422, "play", ["movie", "tv show", "all"]),
        ("/get_max_duration?duration_type=hours", 422, "hours", ["min", "season"]),
        ("/get_actor?year=soon", 422, "`year`", ["a whole number from 1870 to 2100"]),
        ("/get_actor?year=2018.5", 422, "`year`", ["a whole number from 1870 to 2100"]),
        ("/get_actor?year=" + "9" * 31, 422, "`year`", ["a whole number from 1870 to 2100"]),
        ("/get_actor?year=" + "9" * 5000, 422, "`year`", ["a whole number from 1870 to 2100"]),
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
        ("/get_count_platform?plattform=hulu", 422, "plattform", ["platform", "type"]),
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


@given(
    endpoint=st.sampled_from(ENDPOINTS),
    query=st.dictionaries(
        st.sampled_from(["platform", "year", "type", "scored", "user_id", "title_id", "k"])
        | st.text(max_size=5),
        st.text(max_size=20) | st.integers().map(str) | st.floats().map(str),
        max_size=4,
    ),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_query_string_breaks_the_service(
    client: TestClient, endpoint: str, query: dict[str, str]
):
    response = client.get(f"/{endpoint}", params=query)
    assert response.status_code in (200, 404, 422)
    assert "NaN" not in response.text


def test_other_methods_are_refused_in_the_same_shape(client: TestClient):
    response = client.delete("/get_actor")
    assert response.status_code == 405
    assert response.json().keys() == {"error", "allowed"}


@pytest.fixture
def openapi(client: TestClient) -> Any:
    return answer_of(client, "/openapi.json")


def test_every_endpoint_is_documented_with_answer_example_and_refusal(openapi: Any):
    assert sorted(path.removeprefix("/") for path in openapi["paths"]) == ENDPOINTS
    for path, methods in openapi["paths"].items():
        endpoint = methods["get"]
        answer = endpoint["responses"]["200"]["content"]["application/json"]
        assert answer["schema"].keys() == {"$ref"}
        assert answer["example"] == EXAMPLES[path.removeprefix("/")]
        assert endpoint["description"]
        if endpoint.get("parameters"):
            refusal = endpoint["responses"]["422"]["content"]["application/json"]
            assert refusal["schema"] == {"$ref": "#/components/schemas/Problem"}


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_the_examples_have_the_shape_of_real_answers(client: TestClient, endpoint: str):
    required = {"get_score_count": "scored=1", "predict": "user_id=1&title_id=ns1"}
    query = required.get(endpoint, "user_id=1" if endpoint == "recommend" else "")
    assert shape(answer_of(client, f"/{endpoint}?{query}")) == shape(EXAMPLES[endpoint])


def shape(answer: Any) -> Any:
    """Keep names and kinds; maps whose names are data, and what came with the model, count as one kind."""
    if isinstance(answer, dict):
        free = ("by_type", "by_platform", "registered", "card")
        return {name: "map" if name in free else shape(value) for name, value in answer.items()}
    if isinstance(answer, list):
        return [shape(answer[0])] if answer else []
    return type(answer)


def test_the_openapi_document_states_the_bounds(openapi: Any):
    parameters = openapi["paths"]["/get_score_count"]["get"]["parameters"]
    scored = next(parameter for parameter in parameters if parameter["name"] == "scored")
    assert scored["required"]
    assert (scored["schema"]["minimum"], scored["schema"]["maximum"]) == (0, 5)


def test_the_pages_load_nothing_from_elsewhere(answers: Answers):
    api = create_api(lambda: answers)
    client = TestClient(Starlette(routes=[Mount("/api", api), Mount("/", create_index())]))
    for path in ("/", "/api/docs"):
        page = client.get(path)
        assert page.status_code == 200
        assert not re.search(r"(src|href|url)\W+(https?:)?//", page.text)
        assert "default-src 'self'" in page.headers["content-security-policy"]
    assert "'/api/openapi.json'" in client.get("/api/docs").text
