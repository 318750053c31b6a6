"""Whatever is asked wrongly gets a 4xx answer in one shape, with a sentence and no traceback."""

import httpx
import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("server")]

HUGE = "9" * 31
BAD_QUERIES = [
    ("get_max_duration?platform=betamax", 422),
    ("get_max_duration?year=soon", 422),
    (f"get_max_duration?year={HUGE}", 422),
    ("get_max_duration?duration_type=hours", 422),
    ("get_score_count", 422),
    ("get_score_count?scored=nan", 422),
    ("get_score_count?scored=-inf", 422),
    ("get_count_platform?plattform=hulu", 422),
    (f"get_actor?platform={'x' * 10_000}", 422),
    (f"get_actor?platform={'x' * 50_000}", 414),
    (f"titles/{'x' * 300}", 414),
    (f"../ui/en/assets/{'x' * 300}", 414),
    ("get_actor?year=2018&year=2019", 422),
    ("predict?user_id=1", 422),
    (f"predict?user_id={HUGE}&title_id=ns1", 422),
    ("predict?user_id=1&title_id=xs1", 404),
    ("predict?user_id=1&title_id=%ED%A0%80%00", 404),
    ("recommend?user_id=1&k=0", 422),
    ("recommend?user_id=1&k=101", 422),
    ("recommend?user_id=1&platforms=betamax", 422),
    ("nowhere", 404),
]
BAD_BODIES = [
    ("get_max_duration", b'{"platform": "betamax"}', 422),
    ("get_max_duration", b'{"year": true}', 422),
    ("get_max_duration", b'{"year": ' + HUGE.encode() + b"}", 422),
    ("get_max_duration", b'{"year": 1e999}', 422),
    ("get_score_count", b"{}", 422),
    ("get_score_count", b'{"scored": null}', 422),
    ("get_score_count", b'{"scored": NaN}', 422),
    ("get_score_count", b'{"scored": Infinity}', 422),
    ("get_count_platform", b'{"platform": ["hulu"]}', 422),
    ("get_count_platform", b'{"plattform": "hulu"}', 422),
    ("get_actor", b'{"platform": "' + b"x" * 100_000 + b'"}', 413),
    ("get_actor", b'{"platform"', 400),
    ("get_actor", b"[]", 400),
    ("get_actor", b"\xff\xfe", 400),
    ("get_actor", b"[" * 10_000, 400),
    ("predict", b'{"user_id": 1.5, "title_id": "ns1"}', 422),
    ("predict", b'{"user_id": 1, "title_id": "xs1"}', 404),
    ("predict", b'{"user_id": 1, "title_id": "\\ud800"}', 400),
    ("recommend", b'{"user_id": 1, "k": -1}', 422),
    ("recommend", b'{"user_id": 1, "k": 101}', 422),
    ("recommend", b'{"user_id": 1, "platforms": ["betamax"]}', 422),
    ("nowhere", b"{}", 404),
]


def check_refused(response: httpx.Response, status: int) -> None:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/json"
    content = response.json()
    assert content.keys() == {"error", "allowed"}
    assert content["error"].endswith(".")
    assert "Traceback" not in response.text


@pytest.mark.parametrize(("query", "status"), BAD_QUERIES, ids=lambda value: str(value)[:50])
def test_a_bad_query_is_refused_in_a_sentence(client: httpx.Client, query: str, status: int):
    check_refused(client.get(f"/api/{query}"), status)


@pytest.mark.parametrize(
    ("endpoint", "body", "status"), BAD_BODIES, ids=lambda value: str(value)[:50]
)
def test_a_bad_body_is_refused_in_a_sentence(
    client: httpx.Client, endpoint: str, body: bytes, status: int
):
    headers = {"content-type": "application/json"}
    check_refused(client.post(f"/{endpoint}", content=body, headers=headers), status)


@pytest.mark.parametrize("media_type", ["application/vnd.bentoml+pickle", "multipart/form-data"])
def test_a_body_that_is_not_json_is_refused(client: httpx.Client, media_type: str):
    response = client.post("/predict", content=b"x", headers={"content-type": media_type})
    check_refused(response, 415)


def test_a_wrong_method_is_refused_in_a_sentence_with_the_right_ones(client: httpx.Client):
    check_refused(client.delete("/api/get_actor"), 405)
    for response in (client.get("/get_actor"), client.post("/api/get_actor", json={})):
        check_refused(response, 405)
        assert response.json()["allowed"] == [response.headers["allow"]]
