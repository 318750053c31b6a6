"""What the documentation shows is what the embedded sample really gives."""

import json
import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from cartelera.service.answering.feedback import FeedbackLog
from cartelera.service.api.routes import create_api
from cartelera.service.bundle.layout import FOLDER_NAME, Bundle
from cartelera.service.bundle.loading import load

from .project import REPOSITORY

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("pipeline")]

DOCUMENTS = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md"))]


def blocks(document: Path, language: str) -> list[str]:
    return re.findall(
        rf"^```{language}\n(.*?)^```$", document.read_text(), re.MULTILINE | re.DOTALL
    )


def alone(document: Path) -> list[str]:
    """Find the examples in Python that need no running service."""
    return [block for block in blocks(document, "python") if "localhost" not in block]


@pytest.mark.parametrize(
    "document",
    [document for document in DOCUMENTS if alone(document)],
    ids=lambda path: path.stem,
)
def test_examples_in_python_run_in_a_finished_project(finished, document):
    status, said = finished.run("python", "-c", "\n".join(alone(document)))
    assert status == 0, said


def test_the_notebook_of_queries_and_lists_runs_in_a_finished_project(finished, monkeypatch):
    notebook = json.loads((REPOSITORY / "notebooks" / "explore_and_ask.ipynb").read_text())
    (finished.root / "notebooks").mkdir(exist_ok=True)
    monkeypatch.chdir(finished.root / "notebooks")

    found: dict = {}
    for cell in notebook["cells"]:
        assert not cell.get("outputs"), "cleared before it was committed"
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), found)

    assert len(found["best"]) == 10
    assert (
        found["counted"].count
        == (found["titles"]["platform"] == "netflix").sum() - (found["counted"].by_type["tv show"])
    )


def calls(text: str) -> list[tuple[str, str, str | None, str]]:
    """Find method, path, body and shown answer of each call of the API."""
    call = r"^\$ curl (?:-X (\w+) )?'?localhost:3000/api(/[^\s']+)'?(?: --json '([^']+)')?$([^$]*)"
    return [
        (method or ("POST" if body else "GET"), path, body, "".join(answer.splitlines()))
        for method, path, body, answer in re.findall(call, text, re.MULTILINE)
    ]


def test_calls_answer_what_is_shown(finished, tmp_path):
    bundle = Bundle(finished.root / "data" / "bento" / "src" / FOLDER_NAME)
    reading, keeping = load(bundle), load(bundle, FeedbackLog(tmp_path))
    asks, tells = (
        TestClient(create_api(lambda answers=answers: answers)) for answers in (reading, keeping)
    )
    shown = "".join(block for document in DOCUMENTS for block in blocks(document, "console"))
    assert len(calls(shown)) > 10

    for method, path, body, answer in calls(shown):
        client = tells if path == "/ratings" or method == "DELETE" else asks
        response = client.request(method, path, json=json.loads(body) if body else None)
        assert response.status_code == 200, response.text
        assert not answer or response.json() == json.loads(answer), path
