"""What holds for all tests."""

import gc
import shutil
import sqlite3
from collections.abc import Callable, Generator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings
from xdist.scheduler import LoadGroupScheduling

TESTS = Path(__file__).parent
LONG_FIRST = (
    "e2e/test_gate_attacks.py",
    "e2e/test_pipeline.py",
    "e2e/test_failed_stages.py",
    "e2e/test_real_data.py",
    "e2e/test_servers.py",
    "e2e",
    "stages",
    "tracking",
    "test_config.py",
    "test_cli.py",
    "search",
)

# The same examples at every run, on however slow a machine.
settings.register_profile("cartelera", derandomize=True, deadline=None)
settings.load_profile("cartelera")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Keep the garbage collector from what is imported: looking through it takes a sixth of all."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(20_000, 20, 50)
        gc.enable()


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Spare the unit tests what the others import."""
    return (collection_path == TESTS / "e2e" and config.option.markexpr == "not e2e") or None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the long tests first: the short ones then fill what time the workers have left."""

    def place(item: pytest.Item) -> int:
        path = item.path.relative_to(TESTS)
        known = {str(path), path.parts[0]}
        return next((at for at, long in enumerate(LONG_FIRST) if long in known), len(LONG_FIRST))

    items.sort(key=place)


class OneWorkerAFile(LoadGroupScheduling):
    """Gives a file's tests to one worker, which makes what they share once; groups as marked."""

    def _split_scope(self, nodeid: str) -> str:
        group = super()._split_scope(nodeid)
        return nodeid.split("::")[0] if group == nodeid else group


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log) -> LoadGroupScheduling | None:
    """Make `--dist loadgroup` keep files together, and the order of the tests."""
    if config.getvalue("dist") != "loadgroup":
        return None
    config.option.loadscopereorder = False
    return OneWorkerAFile(config, log)


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An MLflow database without runs: making its tables takes more than a second."""
    from sqlalchemy import Engine, event

    from cartelera.tracking.store import open_store

    @event.listens_for(Engine, "connect")
    def wait_for_no_disk(connection, _) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.execute("PRAGMA synchronous = OFF")

    path = tmp_path_factory.mktemp("mlflow") / "empty.db"
    open_store(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def new_store(empty_store: Path) -> Callable[[Path], str]:
    """Puts an MLflow database without runs into a folder, and gives its address."""

    def make(folder: Path) -> str:
        return f"sqlite:///{shutil.copyfile(empty_store, folder / 'mlflow.db')}"

    return make


@pytest.fixture
def models_without_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets models be registered by their files alone: code and environment take MLflow a second."""
    from cartelera.tracking.versions import Versions

    def log(versions: Versions, run, laid_out: Path, tags: Mapping[str, str]) -> str:
        client = versions.tracker.client
        model = client.create_logged_model(
            versions.tracker.experiment_id, versions.name, run.run_id, dict(tags)
        )
        with TemporaryDirectory() as folder:
            shutil.copytree(laid_out, Path(folder) / "artifacts")
            client.log_model_artifacts(model.model_id, folder)
        client.finalize_logged_model(model.model_id, "READY")
        return model.model_id

    monkeypatch.setattr(Versions, "_log", log)
