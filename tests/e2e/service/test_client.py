"""The native endpoints, asked with BentoML's own client."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import bentoml
import httpx
import pytest
from bentoml.exceptions import BentoMLException

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("server")]


@pytest.fixture(scope="module")
def native(client: httpx.Client) -> Iterator[bentoml.SyncHTTPClient]:
    with bentoml.SyncHTTPClient(str(client.base_url)) as native:
        yield native


def test_the_four_questions(native: bentoml.SyncHTTPClient):
    assert native.get_max_duration(year=2018, platform="netflix")["duration_int"] == 100
    assert native.get_score_count(scored=3.5)["count"] == 1
    assert native.get_count_platform(platform="netflix")["by_type"] == {"movie": 1, "tv show": 1}
    assert native.get_actor()["actors"] == ["ann lee", "bo day"]


def test_predictions_and_lists(native: bentoml.SyncHTTPClient):
    assert native.predict(user_id=2, title_id="ns2")["score"] == 4.0
    listed = native.recommend(user_id=1, k=1, platforms=["hulu", "amazon"])
    assert [line["title"]["title_id"] for line in listed["titles"]] == ["as1"]
    new = native.recommend_new(ratings={"ns1": 5, "hs1": 1}, k=1, type="movie")
    assert (new["origin"], new["titles"][0]["title"]["title_id"]) == ("ranking", "as1")

    assert native.to_rate(k=4, rated=["ns1"], platforms=["hulu"])["titles"][0]["title_id"] == "hs1"


def test_a_rating(native: bentoml.SyncHTTPClient):
    assert native.rate(user_id=77, title_id="ns1", rating=4.5)["rating"] == 4.5
    assert native.predict(user_id=77, title_id="ns1")["rating"] == 4.5


def test_questions_that_come_at_once_share_a_batch_and_keep_their_answers(
    native: bentoml.SyncHTTPClient,
):
    def ask(n: int) -> list[float | None]:
        titles = ["ns1", "ns2", "xs1", "as1"][: 1 + n % 4]
        pairs = [{"user_id": 2, "title_id": title_id} for title_id in titles]
        return [each.get("score") for each in native.predict_batch(pairs=pairs)]

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(ask, range(40)))
    assert found == [[3.5, 4.0, None, 3.25][: 1 + n % 4] for n in range(40)]


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ({"user_id": 1, "title_id": "xs1"}, "xs1"),
        ({"user_id": "one", "title_id": "ns1"}, "user_id"),
    ],
)
def test_a_refusal_says_why(native: bentoml.SyncHTTPClient, question: dict[str, object], said: str):
    with pytest.raises(BentoMLException, match=said):
        native.predict(**question)
