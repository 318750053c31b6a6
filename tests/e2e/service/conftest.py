"""A built Bento of a tiny catalogue, one of the real catalogues, and real servers over them."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import numpy as np
import pandas as pd
import psutil
import pytest

from cartelera import columns as c
from cartelera import files
from cartelera.factorization.factors import Factors
from cartelera.models.model import Model
from cartelera.paths import Paths
from cartelera.ranking.model import RankingModel
from cartelera.ranking.parameters import RankingParams

CONF = Path(__file__).parents[3] / "conf"
REAL_DATA = os.environ.get("CARTELERA_REAL_DATA")
START_SECONDS = 120
STOP_SECONDS = 30

SCRIPT = """
import sys
from importlib import import_module
from pathlib import Path
from cartelera.config import compose
from cartelera.paths import Paths

stage = import_module("cartelera.stages." + sys.argv[1])
stage.run(compose(conf=Path(sys.argv[3])), Paths(Path(sys.argv[2])))
"""

TITLES = [
    ("ns1", "netflix", "movie", "Alpha", "ann lee, bo day", 2018, 100, "min"),
    ("ns2", "netflix", "tv show", "Beta", "ann lee", 2019, 3, "season"),
    ("hs1", "hulu", "movie", "Gamma", None, 2018, 90, "min"),
    ("as1", "amazon", "movie", "Delta", "bo day", 2001, 50, "min"),
]


def environment(root: Path) -> dict[str, str]:
    return os.environ | {"BENTOML_HOME": str(root / "bentoml"), "BENTOML_DO_NOT_TRACK": "True"}


def run_stage(name: str, paths: Paths) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, name, str(paths.root), str(CONF)],
        env=environment(paths.root.parent),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def write_model(paths: Paths, title_ids: list[str], title_means: list[float]) -> None:
    """Save models of two users: user 1 likes each title by its mean, user 2 half a star less.

    Lists are in the order of the means too, whatever is rated.
    """
    n_titles = len(title_ids)
    means = np.array(title_means, np.float32)
    worth = means - means.min() + np.float32(0.1)
    ranking = RankingModel(
        title_ids=np.array(title_ids, dtype=object),
        factors=worth[:, np.newaxis],
        weights=np.ones(n_titles, np.float32),
        prior=worth / 100,
        content=np.zeros((n_titles, 0), np.float32),
        n_ratings=np.ones(n_titles, np.int32),
        params=RankingParams(n_factors=1, rating_weight=0.0),
    )
    rating = Factors(
        global_mean=3.5,
        user_bias=np.array([0, -0.5], np.float32),
        title_bias=means - np.float32(3.5),
        user_factors=np.zeros((2, 1), np.float32),
        title_factors=np.zeros((n_titles, 1), np.float32),
        user_ids=np.array([1, 2]),
        title_ids=np.array(title_ids, dtype=object),
        title_means=means,
        scale=(0.5, 5.0),
    )
    Model(rating, ranking).save(paths.champion / "shipped", {"verdict": "made up"})
    files.write_json(paths.registered, {"name": "tiny", "version": 7})


def write_tiny_inputs(paths: Paths) -> None:
    for folder in (paths.clean, paths.features, paths.model, paths.reports):
        folder.mkdir(parents=True)
    known = [c.ID, c.PLATFORM, c.TYPE, c.DISPLAY_TITLE, c.CAST, c.RELEASE_YEAR]
    titles = pd.DataFrame(TITLES, columns=[*known, c.DURATION_INT, c.DURATION_TYPE])
    titles[c.WORK_ID] = titles[c.ID]
    titles[c.TITLE] = titles[c.DISPLAY_TITLE].str.lower()
    titles[[c.DIRECTOR, c.COUNTRY, c.DATE_ADDED, c.LISTED_IN, c.DESCRIPTION]] = None
    titles[[c.DISPLAY_DIRECTOR, c.DISPLAY_DESCRIPTION]] = None
    titles[c.DISPLAY_CAST] = titles[c.CAST].str.title()
    titles = titles.assign(**{c.CERTIFICATE: "g", c.CERTIFICATE_IMPUTED: False})
    titles[list(c.CLEAN_TITLE_COLUMNS)].to_parquet(paths.clean_titles, index=False)
    rated = pd.DataFrame({c.USER_ID: [1, 2], c.TITLE_ID: ["ns1", "ns2"], c.RATING: [4.5, 5.0]})
    rated[c.TIMESTAMP], rated[c.IS_RECEIVED] = 1_600_000_000, False
    rated.to_parquet(paths.clean_ratings, index=False)
    rated.iloc[:0].to_parquet(paths.received_ratings, index=False)
    files.write_json(paths.reports / "etl.json", {})
    scores = {c.TITLE_ID: ["hs1", "ns1", "ns2"], c.SCORE: [3.5, 4.0, 4.5], c.N_RATINGS: [1, 1, 1]}
    pd.DataFrame(scores).to_csv(paths.scores, index=False)
    write_model(paths, ["ns1", "ns2", "hs1", "as1"], [4.0, 4.5, 3.0, 3.75])


def write_real_inputs(paths: Paths, real: Path) -> None:
    """Clean the real catalogues; the published means stand for the scores."""
    paths.raw.parent.mkdir(parents=True)
    paths.raw.symlink_to(real / "streaming")
    run_stage("etl", paths)
    paths.features.mkdir()
    paths.model.mkdir()
    means = pd.read_csv(real / "streaming" / "title_mean_scores.csv")
    means = means.rename(columns={"movieId": c.TITLE_ID, "rating": c.SCORE})
    means.assign(**{c.N_RATINGS: 1})[list(c.SCORE_COLUMNS)].to_csv(paths.scores, index=False)
    write_model(paths, means[c.TITLE_ID].tolist(), means[c.SCORE].tolist())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """`bentoml serve` on a free loopback port, with a log of its own."""

    def __init__(self, bento: Path, root: Path, variables: dict[str, str] | None = None):
        self.log_path = root / "server.log"
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        options = ["--host", "127.0.0.1", "--port", str(port)]
        # An empty store of its own: the folder alone must be enough.
        own = {
            "BENTOML_HOME": str(root / "empty-bentoml"),
            "CARTELERA_FEEDBACK": str(root / "feedback"),
        }
        with self.log_path.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "bentoml", "serve", str(bento), *options],
                cwd=root,
                env=environment(root) | own | (variables or {}),
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    @property
    def log(self) -> str:
        return self.log_path.read_text()

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if httpx.get(f"{self.url}/readyz", timeout=5).status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.1)
        pytest.fail(f"the server did not become ready:\n{self.log}")

    def stop(self) -> int:
        """Ask the server to end, as a container engine does; give its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOP_SECONDS)

    @property
    def feedback(self) -> Path:
        """Where received ratings are."""
        return self.log_path.with_name("feedback") / "ratings.csv"

    def kill(self) -> None:
        """Leave nothing running; the workers have sessions of their own, out of a group's reach."""
        if self.process.poll() is None:
            main = psutil.Process(self.process.pid)
            for process in [main, *main.children(recursive=True)]:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()
            self.process.wait()


def served(bento: Path, root: Path) -> Iterator[httpx.Client]:
    server = Server(bento, root)
    try:
        server.wait_until_ready()
        with httpx.Client(base_url=server.url, timeout=30) as client:
            yield client
        assert server.stop() == 0, server.log
        assert "Traceback" not in server.log, server.log
    finally:
        server.kill()


@pytest.fixture(scope="session")
def tiny_bento(tmp_path_factory: pytest.TempPathFactory) -> Path:
    paths = Paths(tmp_path_factory.mktemp("tiny") / "data")
    write_tiny_inputs(paths)
    run_stage("package", paths)
    return paths.bento


@pytest.fixture(scope="session")
def client(tiny_bento: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    yield from served(tiny_bento, tmp_path_factory.mktemp("server"))


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[Path], Server]]:
    """Start servers that a test may end itself; what is left of them is killed."""
    servers: list[Server] = []

    def start_one(bento: Path) -> Server:
        servers.append(Server(bento, tmp_path))
        return servers[-1]

    yield start_one
    for server in servers:
        server.kill()


@pytest.fixture(scope="session")
def start_with() -> Iterator[Callable[[Path, Path, dict[str, str]], Server]]:
    """Start servers with variables of their own, in a folder of their own."""
    servers: list[Server] = []

    def start_one(bento: Path, root: Path, variables: dict[str, str]) -> Server:
        servers.append(Server(bento, root, variables))
        return servers[-1]

    yield start_one
    for server in servers:
        server.kill()


@pytest.fixture(scope="session")
def real_client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    if REAL_DATA is None:
        pytest.skip("CARTELERA_REAL_DATA is not set")
    root = tmp_path_factory.mktemp("real")
    write_real_inputs(Paths(root / "data"), Path(REAL_DATA))
    run_stage("package", Paths(root / "data"))
    yield from served(root / "data" / "bento", root)
