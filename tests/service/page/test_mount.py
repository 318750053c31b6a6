"""The application behind `/ui`: what is open, what is closed, and where its parts come from."""

import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from starlette.applications import Starlette
from starlette.routing import Mount

from cartelera.service.answering.answers import Answers
from cartelera.service.api.pages import create_index
from cartelera.service.page.mount import Page

HEAVY = ("matplotlib", "scipy", "sklearn", "mlflow", "optuna", "dvc", "surprise", "numba", "hydra")

CURRENT: dict[str, Any] = {}
"""What the application under test takes its answers from."""

SCRIPT = """
import sys
from types import SimpleNamespace

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in sys.argv[1:]:
            raise AssertionError("the page imports " + name)

sys.meta_path.insert(0, Refuse())
from cartelera.service.page.mount import Page
assert "gradio" not in sys.modules, "gradio is imported before anybody asks"
facets = SimpleNamespace(genres=["drama"])
answers = SimpleNamespace(facets=lambda: facets)
Page(lambda: answers)._languages["es"].build(facets.genres)
"""


@pytest.fixture(scope="module")
def page() -> Page:
    return Page(lambda: CURRENT["answers"])


@pytest.fixture
def client(page: Page, answers: Answers) -> Iterator[TestClient]:
    CURRENT["answers"] = answers
    app = Starlette(routes=[Mount("/ui", page), Mount("/", create_index())])
    with TestClient(app, raise_server_exceptions=False, follow_redirects=False) as client:
        yield client


def call(client: TestClient, body: Any) -> Any:
    return client.post("/ui/en/gradio_api/run/predict", json=body)


@pytest.mark.parametrize(
    ("path", "language", "leads_to"),
    [
        ("/", "es", "ui/"),
        ("/ui", "es", "ui/"),
        ("/ui/", "es-AR", "es/"),
        ("/ui/", "de", "en/"),
    ],
)
def test_addresses_lead_to_the_page(client: TestClient, path: str, language: str, leads_to: str):
    response = client.get(path, headers={"Accept-Language": language})
    assert response.status_code == 307
    assert response.headers["location"] == leads_to


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_page_names_no_foreign_part(client: TestClient, language: str):
    response = client.get(f"/ui/{language}/", headers={"Host": "evil.example"})
    assert f'lang="{language}"' in response.text
    assert "evil.example" not in response.text
    assert not re.search(r'(src|href)=["\'](https?:)?//', response.text)
    assert not re.search(r"fonts\.g|cdn|huggingface\.co|gradio\.app", response.text)
    policy = response.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "http" not in policy


@pytest.mark.parametrize(("query", "is_promised"), [("", True), ("?tab=2", False)])
def test_titles_to_rate_are_there_before_the_script_unless_the_address_asks_for_others(
    client: TestClient, answers: Answers, query: str, is_promised: bool
):
    first, _, _ = client.get(f"/ui/en/{query}").text.partition("<gradio-app")
    assert 'class="masthead"' in first
    promised = re.findall(r'<li class="tile"><strong>(.*)</strong>', first)
    to_rate = [title.display_title for title in answers.to_rate(12).titles]
    assert promised == (to_rate if is_promised else [])
    assert len(re.findall(r'id="first-head"', first)) == is_promised


def test_the_parts_of_the_page_may_be_kept_for_ever_and_the_page_may_not(client: TestClient):
    html = client.get("/ui/en/")
    assert html.headers["cache-control"] == "no-cache"
    parts = re.findall(r'(?:src|href)="\./(assets/[^"]+)"', html.text)
    assert parts
    for part in parts:
        response = client.get(f"/ui/en/{part}")
        assert response.status_code == 200
        assert "immutable" in response.headers["cache-control"]
    assert "cache-control" not in client.get("/ui/en/assets/none.js").headers


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "config"),
        ("GET", "gradio_api/info"),
        ("GET", "gradio_api/openapi.json"),
        ("GET", "gradio_api/file=/etc/passwd"),
        ("GET", "gradio_api/proxy=http://127.0.0.1/"),
        ("GET", "gradio_api/queue/data"),
        ("GET", "gradio_api/heartbeat/x"),
        ("GET", "monitoring"),
        ("GET", "openapi.json"),
        ("POST", "gradio_api/upload"),
        ("POST", "gradio_api/queue/join"),
        ("POST", "gradio_api/component_server"),
        ("POST", "gradio_api/process_recording"),
        ("POST", "gradio_api/vibe-edit"),
        ("POST", "login"),
        ("PUT", ""),
        ("POST", ""),
        ("GET", "assets/../static/img/logo.svg"),
        ("GET", "assets/..%2f..%2f..%2f__init__.py"),
    ],
)
def test_what_the_page_does_not_need_is_closed(client: TestClient, method: str, path: str):
    response = client.request(method, f"/ui/en/{path}")
    assert response.status_code in (403, 404)


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"data": [], "fn_index": 999},
        {"data": [], "fn_index": -1},
        {"data": [], "fn_index": True},
        {"data": [], "fn_index": 0},
        {"data": ["{}"] * 50, "fn_index": 0},
        {"data": "{}", "fn_index": 0},
        {"data": ["alpha", "{}"], "fn_index": 1, "session_hash": {"a": 1}},
    ],
)
def test_calls_the_page_does_not_make_are_refused(client: TestClient, body: Any):
    assert call(client, body).status_code == 422


def test_a_call_that_is_no_json_is_refused(client: TestClient):
    for content in (b"", b"{", b"[" * 5000, b"\xff"):
        response = client.post("/ui/en/gradio_api/run/predict", content=content)
        assert response.status_code == 422


def test_an_event_is_answered(client: TestClient):
    wishes = [["amazon"], "all", "", "", "", ""]
    answer = call(client, {"fn_index": 0, "data": ['{"ns1": 5}', *wishes], "session_hash": "a"})
    assert answer.status_code == 200
    assert "Delta" in answer.json()["data"][2]


def test_an_answer_that_fails_becomes_a_sentence(
    client: TestClient, caplog: pytest.LogCaptureFixture
):
    client.get("/ui/en/")

    class Broken:
        settings = CURRENT["answers"].settings

        def facets(self) -> Any:
            return CURRENT["facets"]

        def search_titles(self, _: str) -> Any:
            raise RuntimeError("made up")

    CURRENT.update(facets=CURRENT["answers"].facets(), answers=Broken())
    answer = call(client, {"fn_index": 1, "data": ["alpha", "{}"], "session_hash": "a"})
    assert answer.status_code == 200
    assert "Something went wrong" in answer.text
    assert "made up" not in answer.text
    assert "made up" in caplog.text


def test_another_catalogue_gives_other_genres(client: TestClient):
    assert "Western" not in client.get("/ui/en/").text

    class Other:
        settings = CURRENT["answers"].settings

        def facets(self) -> Any:
            return type("Facets", (), {"genres": ["western"]})

    CURRENT["answers"] = Other()
    assert "Western" in client.get("/ui/en/?tab=0").text


def test_the_page_loads_gradio_late_and_none_of_the_pipelines_libraries():
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *HEAVY], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
