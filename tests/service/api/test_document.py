"""The OpenAPI document: all there is to know for somebody who has nothing else."""

import json
import re
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi.testclient import TestClient

from cartelera.platforms import PUBLISHED, Platform, Platforms
from cartelera.service.operations import OPERATIONS

EXAMPLES = {operation.name: operation.example for operation in OPERATIONS}

# (method, path, operation, a question)
ENDPOINTS: list[tuple[str, str, str, Any]] = [
    ("get", "/get_max_duration", "get_max_duration", {}),
    ("get", "/get_score_count", "get_score_count", {"scored": 1}),
    ("get", "/get_count_platform", "get_count_platform", {}),
    ("get", "/get_actor", "get_actor", {}),
    ("get", "/titles", "titles", {"words": "al"}),
    ("get", "/facets", "facets", {}),
    ("get", "/titles/to_rate", "to_rate", {"rated": ["ns1", "hs1"]}),
    ("get", "/titles/{title_id}", "title", {}),
    ("get", "/titles/{title_id}/similar", "similar", {}),
    ("get", "/users/{user_id}", "user", {}),
    ("get", "/users/{user_id}/ratings", "user_ratings", {}),
    ("delete", "/users/{user_id}/ratings", "delete_ratings", None),
    ("get", "/users/{user_id}/recommendations", "user_recommendations", {"max_minutes": 150}),
    ("get", "/recommend", "recommend", {"user_id": 1, "k": 1}),
    ("post", "/recommendations", "recommend_new", {"ratings": {"ns2": 5}, "diversity": 0.2}),
    ("get", "/predict", "predict", {"user_id": 1, "title_id": "ns1"}),
    ("get", "/predictions", "prediction", {"user_id": 1, "title_id": "ns1"}),
    (
        "post",
        "/predictions",
        "predict_batch",
        {"pairs": [{"user_id": 1, "title_id": "ns1"}]},
    ),
    ("post", "/ratings", "rate", {"user_id": 1, "title_id": "ns1", "rating": 4}),
    ("get", "/model", "model", {}),
]
FREE = (
    "by_type",
    "by_platform",
    "registered",
    "card",
    "metrics",
    "intervals",
    "data_digest",
    "params",
)


@pytest.fixture
def document(client: TestClient) -> Any:
    return client.get("/openapi.json").json()


def test_every_endpoint_is_documented(document: Any):
    found = {(method, path) for path, item in document["paths"].items() for method in item}
    assert found == {(method, path) for method, path, _, _ in ENDPOINTS}


@pytest.mark.parametrize(("method", "path", "operation", "question"), ENDPOINTS)
def test_an_endpoint_has_a_group_an_example_and_its_refusals(
    document: Any, method: str, path: str, operation: str, question: Any
):
    endpoint = document["paths"][path][method]
    assert endpoint["operationId"] == operation
    assert endpoint["description"]
    assert endpoint["tags"][0] in [tag["name"] for tag in document["tags"]]
    answer = endpoint["responses"]["200"]["content"]["application/json"]
    assert answer["schema"].keys() == {"$ref"}
    assert answer["example"] == EXAMPLES[operation]
    refusals = {"414", "422"} if endpoint.get("parameters") else set()
    refusals |= {"400", "413", "415", "422"} if method == "post" else set()
    assert endpoint["responses"].keys() >= refusals
    for status, response in endpoint["responses"].items():
        if status != "200":
            shown = response["content"]["application/json"]["schema"]
            assert shown == {"$ref": "#/components/schemas/Problem"}


@pytest.mark.parametrize(("method", "path", "operation", "question"), ENDPOINTS)
def test_the_examples_have_the_shape_of_real_answers(
    client: TestClient, method: str, path: str, operation: str, question: Any
):
    url = path.format(title_id="ns1", user_id=1)
    sent = {"params": question} if method == "get" else {"json": question}
    response = client.request(method, url, **sent)
    assert response.status_code == 200, response.text
    assert fits(response.json(), EXAMPLES[operation])


def fits(answer: Any, example: Any) -> bool:
    """Compare names and kinds; null and empty lists fit anything, free maps are not looked into."""
    if isinstance(answer, dict) and isinstance(example, dict):
        return answer.keys() == example.keys() and all(
            name in FREE or fits(value, example[name]) for name, value in answer.items()
        )
    if isinstance(answer, list) and isinstance(example, list):
        return not answer or not example or fits(answer[0], example[0])
    numbers = (int, float)
    both_numbers = isinstance(answer, numbers) and isinstance(example, numbers)
    return answer is None or example is None or both_numbers or type(answer) is type(example)


def test_every_field_of_an_answer_is_described(document: Any):
    silent = [
        f"{name}.{field}"
        for name, schema in document["components"]["schemas"].items()
        for field, content in schema.get("properties", {}).items()
        if "description" not in content and "description" not in str(content.get("anyOf", ""))
    ]
    assert not silent


def test_no_description_shows_the_code_behind_it(document: Any):
    for schema in document["components"]["schemas"].values():
        assert "Attributes:" not in schema["description"]


def test_every_parameter_is_described_where_readers_look_and_none_may_be_null(document: Any):
    for path, item in document["paths"].items():
        for endpoint in item.values():
            for parameter in endpoint.get("parameters", []):
                assert parameter["description"], (path, parameter["name"])
                assert parameter["schema"]["type"] != "null", (path, parameter["name"])
    new = document["components"]["schemas"]["RecommendNewQuestion"]["properties"]
    assert all(field["description"] for field in new.values())


def test_the_document_states_the_bounds(document: Any):
    parameters = document["paths"]["/get_score_count"]["get"]["parameters"]
    scored = next(parameter for parameter in parameters if parameter["name"] == "scored")
    assert scored["required"]
    assert (scored["schema"]["minimum"], scored["schema"]["maximum"]) == (0, 5)
    rated = document["components"]["schemas"]["RateQuestion"]["properties"]["rating"]
    assert (rated["minimum"], rated["maximum"], rated["multipleOf"]) == (0.5, 5, 0.5)


@pytest.mark.parametrize(
    "names", [["mubi"], ["hulu", "netflix"], [*PUBLISHED.names, "mubi"]], ids=len
)
def test_the_examples_name_the_platforms_there_are(
    client: TestClient, api: Any, answers: Any, names: list[str]
):
    mubi = Platform("mubi", "mubi.csv", "mu", "MUBI", "#112233")
    table = Platforms(tuple(mubi if name == "mubi" else PUBLISHED[name] for name in names))
    bounds = {"scale": answers.settings.scale, "years": answers.settings.years}
    api.answers = SimpleNamespace(settings=SimpleNamespace(**bounds, platforms=table))

    document = client.get("/openapi.json").json()

    paths = document["paths"]
    facets = paths["/facets"]["get"]["responses"]["200"]["content"]["application/json"]["example"]
    assert facets["platforms"] == names
    said = json.dumps([*paths.values(), document["components"]["schemas"]["Problem"]])
    gone = [one for one in PUBLISHED if one.name not in names]
    assert not [one.name for one in gone if one.name in said]
    assert not re.search(r'"(as|ds|hs|ns)\d+"', said) or len(gone) < 4
    assert ('"mus250"' in said) == (names == ["mubi"])
