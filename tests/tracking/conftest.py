import pytest

from cartelera.tracking.runs import Tracker


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    """One database for all tests: making its tables takes a second or two."""
    return f"sqlite:///{tmp_path_factory.mktemp('mlflow') / 'mlflow.db'}"


@pytest.fixture
def tracker(store: str, request: pytest.FixtureRequest) -> Tracker:
    """An experiment of the test's own."""
    return Tracker(store, request.node.name)
