"""A real server of two workers over a tiny catalogue, and a real browser in front of it.

| rated by | titles          |
|----------|-----------------|
| user 1   | Alpha 5         |
| user 2   | Delta 4, Beta 1 |

Alpha, Beta, Eta and the hostile title are liked by the same people, Gamma, Delta and Zeta by others;
nobody has rated Épsilon.
"""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import numpy as np
import pandas as pd
import psutil
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from cartelera import columns as c
from cartelera.factorization.factors import Factors
from cartelera.models.model import Model
from cartelera.ranking.model import RankingModel
from cartelera.ranking.parameters import RankingParams
from cartelera.service import building
from cartelera.service.answering.settings import Settings
from cartelera.service.bundle import writing as bundle_writing
from cartelera.service.bundle.layout import FOLDER_NAME, Bundle

START_SECONDS = 120
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
KEY = "k" * 32
SETTINGS = Settings(recommend_at=3.75, default_k=10, max_k=100, diversity=0.0)
HOSTILE = "<script>window.hacked=1</script> <img src=x onerror=window.hacked=1> ${7*7} {{7*7}}"

COLUMNS = [
    c.ID, c.PLATFORM, c.TYPE, c.DISPLAY_TITLE, c.CAST, c.RELEASE_YEAR, c.DURATION_INT,
    c.DURATION_TYPE, c.CERTIFICATE, c.LISTED_IN,
]  # fmt: skip
TITLES = [
    ("ns1", "netflix", "movie", "Alpha", "ann lee, bo day", 2018, 100, "min", "pg", "drama"),
    ("ns2", "netflix", "tv show", "Beta", "ann lee", 2019, 3, "season", "tv-ma", "comedy, drama"),
    ("ns3", "netflix", "movie", HOSTILE, "ann lee", 2020, 95, "min", "r", "<b>noir</b>"),
    ("hs1", "hulu", "movie", "Gamma", None, 2018, 90, "min", None, None),
    ("as1", "amazon", "movie", "Delta", "bo day", 2001, 50, "min", "g", "comedy"),
    ("as2", "amazon", "movie", "Zeta", "cy fox", 2001, 50, "min", "13+", "comedy"),
    ("as3", "amazon", "movie", "Eta", "bo day", 2003, 130, "min", "13+", "drama"),
    ("ds1", "disney", "movie", "Épsilon", "ann lee", 2018, 125, "min", "g", "drama"),
]  # fmt: skip
KNOWN = ["ns1", "ns2", "ns3", "as3", "hs1", "as1", "as2"]


def write_bundle(root: Path, folder: Path, settings: Settings = SETTINGS) -> None:
    titles = pd.DataFrame(TITLES, columns=COLUMNS)
    titles[c.WORK_ID] = titles[c.ID]
    titles[c.TITLE] = titles[c.DISPLAY_TITLE].str.lower()
    titles[[c.DIRECTOR, c.COUNTRY, c.DATE_ADDED, c.DESCRIPTION]] = None
    titles[[c.DISPLAY_DIRECTOR, c.DISPLAY_DESCRIPTION]] = None
    titles[c.DISPLAY_CAST] = titles[c.CAST].str.title()
    titles[c.CERTIFICATE_IMPUTED] = titles[c.CERTIFICATE].isna()
    titles[c.CERTIFICATE] = titles[c.CERTIFICATE].fillna("g")
    likes = np.array([[1, 0]] * 4 + [[0, 1]] * 3, np.float32) / 2
    ranking = RankingModel(
        title_ids=np.array([*KNOWN, "ds1"], dtype=object),
        factors=np.vstack([likes, [[0.1, 0.1]]]).astype(np.float32),
        weights=np.ones(8, np.float32),
        prior=np.array([0.4, 0.25, 0.1, 0.3, 0.15, 0.35, 0.05, 0], np.float32) / 10,
        content=np.vstack([likes, [[0.1, 0.1]]]).astype(np.float32),
        n_ratings=np.array([1] * 7 + [0], np.int32),
        params=RankingParams(n_factors=2),
    )
    rating = Factors(
        global_mean=3.5,
        user_bias=np.array([0.25, -0.25], np.float32),
        title_bias=np.array([0.5, 0.25, 0, 0.4, 0, 0.3, -0.5], np.float32),
        user_factors=np.array([[1, 0], [0, 1]], np.float32),
        title_factors=likes,
        user_ids=np.array([1, 2]),
        title_ids=np.array(KNOWN, dtype=object),
        title_means=np.array([4.0, 3.75, 3.5, 3.9, 3.5, 3.8, 3.0], np.float32),
        scale=(0.5, 5.0),
    )
    Model(rating, ranking).save(
        root / "factors",
        {
            "params": {"reg_all": 0.1},
            "taste": "There is taste in these ratings.",
            "signal": {
                test: {
                    "statistic": 0.2,
                    "expected": 0.01,
                    "p_value": 0.001,
                    "is_found": True,
                    "is_tested": True,
                }
                for test in ("quality", "taste")
            },
            "train": {"n_ratings": 3},
        },
    )
    bundle_writing.write(
        Bundle(folder),
        factors=root / "factors",
        titles=titles,
        scores=pd.DataFrame(
            {c.TITLE_ID: ["ns1", "as1", "ns2"], c.SCORE: [5.0, 4.0, 1.0], c.N_RATINGS: [1, 1, 1]}
        ),
        seen=pd.DataFrame(
            {
                c.USER_ID: [1, 2, 2],
                c.TITLE_ID: ["ns1", "as1", "ns2"],
                c.RATING: [5.0, 4.0, 1.0],
            }
        ),
        settings=settings,
        registered={
            "name": "tiny",
            "version": "7",
            "trained_at": "2026-01-01T00:00:00Z",
            "rmse": 0.9,
            "bias_only_rmse": 1.0,
            "reason": "RMSE 0.9 against 1.0",
            "decision": {"promote": True, "champion": None, "contest": None},
        },
        metrics={"model": {"rmse": 0.9, "mae": 0.7}, "bias_only": {"rmse": 1.0, "mae": 0.8}},
        intervals={"coverage": 0.8, "low": -1.0, "high": 0.5, "bands": []},
    )


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def wait_until_ready(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < until:
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(f"{url}/readyz", timeout=5).status_code == 200:
                return
        time.sleep(0.1)
    pytest.fail(f"the server did not become ready:\n{log.read_text()}")


@contextlib.contextmanager
def serving(root: Path, workers: int, settings: Settings = SETTINGS, **more: str) -> Iterator[str]:
    """Serve the modules that a Bento would hold, and no others; give the address."""
    served = root / "served"
    building.copy_modules(served)
    write_bundle(root, served / FOLDER_NAME, settings)
    port = free_port()
    url, log = f"http://127.0.0.1:{port}", root / "server.log"
    command = [sys.executable, "-m", "bentoml", "serve", building.SERVICE]
    command += ["--host", "127.0.0.1", "--port", str(port), "--working-dir", str(served)]
    variables = {
        "PYTHONPATH": str(served),
        "CARTELERA_SERVE": json.dumps({"workers": workers}),
        "BENTOML_HOME": str(root / "bentoml"),
        "BENTOML_DO_NOT_TRACK": "True",
        **more,
    }
    with log.open("wb") as file:
        process = subprocess.Popen(
            command, cwd=served, env=os.environ | variables, stdout=file, stderr=file
        )
    try:
        wait_until_ready(process, url, log)
        yield url
        assert "Traceback" not in log.read_text(), log.read_text()
    finally:
        main = psutil.Process(process.pid)
        for child in [*main.children(recursive=True), main]:
            with contextlib.suppress(psutil.NoSuchProcess):
                child.kill()
        process.wait()


@pytest.fixture(scope="session")
def feedback_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("feedback")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, feedback_folder: Path) -> Iterator[str]:
    """Give the address of a server that is open to all and keeps ratings."""
    root = tmp_path_factory.mktemp("page")
    with serving(root, workers=2, CARTELERA_FEEDBACK=str(feedback_folder)) as url:
        yield url


@pytest.fixture(scope="session")
def locked_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of a server that asks for `KEY` and keeps no ratings."""
    root = tmp_path_factory.mktemp("locked")
    with serving(root, workers=1, CARTELERA_API_KEY=KEY) as url:
        yield url


@pytest.fixture(scope="session")
def short_scale_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of a server whose ratings go from 1 to 4 by half stars."""
    settings = SETTINGS.model_copy(update={"rating_min": 1.0, "rating_max": 4.0})
    with serving(tmp_path_factory.mktemp("short"), 1, settings) as url:
        yield url


@pytest.fixture(scope="module")  # while it lives, no other event loop can be started here
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("no browser here: apt-get install chromium")
    expect.set_options(timeout=15_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def visit(server: str, browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open the page as a new visitor; whatever it asks for must come from the server, without error."""
    asked: list[str] = []
    wrong: list[str] = []
    contexts = []

    def open_page(path: str = "/ui/en/", width: int = 1280, **options: object) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 800}, **options)
        contexts.append(context)
        context.set_default_timeout(15_000)
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("requestfailed", lambda request: wrong.append(request.url))
        page.on(
            "response",
            lambda response: (
                wrong.append(f"{response.status} {response.url}")
                if response.status >= 400
                else None
            ),
        )
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on(
            "console",
            lambda message: (
                wrong.append(message.text) if message.type in ("error", "warning") else None
            ),
        )
        page.goto(server + path)
        expect(page.locator("#start .tile").first).to_be_visible()
        return page

    yield open_page
    found = list(wrong)  # what is still being asked when a visitor leaves is broken off
    for context in contexts:
        context.close()
    foreign = [url for url in asked if urlsplit(url).netloc not in ("", urlsplit(server).netloc)]
    assert asked
    assert foreign == []
    assert found == []
