"""The documentation as a site: it builds without a warning and loads nothing from elsewhere."""

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
METRICS = REPOSITORY / "src" / "cartelera" / "evaluation" / "metrics"

pytestmark = pytest.mark.e2e


class Loaded(HTMLParser):
    """What a browser fetches to show a page, unlike what a reader may follow."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        followed = tag == "a" or given.get("rel") in ("canonical", "next", "prev")
        if not followed:
            self.addresses += [given[key] or "" for key in ("src", "href") if key in given]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("mkdocs")
    folder = tmp_path_factory.mktemp("site")
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    command = [sys.executable, "-m", "mkdocs", "build", "--strict"]
    built = subprocess.run(
        [*command, "--site-dir", str(folder)],
        cwd=REPOSITORY,
        env=os.environ | {"PATH": programs, "SITE_URL": "https://docs.example.org/cartelera/"},
        capture_output=True,
        text=True,
    )
    assert built.returncode == 0, built.stderr
    return folder


def test_nothing_is_loaded_from_elsewhere(site: Path):
    foreign = re.compile(r"(?:https?:)?//")
    pages = list(site.rglob("*.html"))
    assert len(pages) > 20

    for page in pages:
        html = page.read_text()
        loaded = [*Loaded(html).addresses, *re.findall(r"url\(['\"]?([^)]*)", html)]
        assert not list(filter(foreign.match, loaded)), page
    for style in site.rglob("*.css"):
        assert not re.search(r"(?:url\(|@import )['\"]?(?:https?:)?//", style.read_text()), style


def test_the_reference_tells_what_can_be_called(site: Path):
    def told(page: str) -> str:
        return (site / "reference" / page / "index.html").read_text()

    assert 'id="cartelera.catalogue.queries.CatalogueQueries.get_actor"' in told("queries")
    assert 'id="cartelera-rollback"' in told("cli")
    for module in METRICS.glob("[a-z]*.py"):
        if module.stem != "base":
            assert f'id="cartelera.evaluation.metrics.{module.stem}"' in told("metrics")


def test_every_document_is_a_page_and_no_code_is(site: Path):
    assert not list(site.rglob("*.py*"))
    for document in (REPOSITORY / "docs").glob("*.md"):
        assert (site / "docs" / document.stem / "index.html").is_file()
