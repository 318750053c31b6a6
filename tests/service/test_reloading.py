import logging
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from cartelera.errors import InputError
from cartelera.service.reloading import ATTEMPTS, Reloader


class Shelf:
    """A folder whose manifest is its content; what is not a number cannot be loaded."""

    def __init__(self, folder: Path):
        self.manifest = folder / "manifest.json"
        self.n_loads = 0
        self.in_use: int | None = None
        self.put("1")

    def put(self, content: str) -> None:
        self.manifest.write_text(content)

    def load(self) -> int:
        self.n_loads += 1
        try:
            return int(self.manifest.read_text())
        except ValueError:
            raise InputError("not a number") from None

    def take(self, loaded: int) -> None:
        self.in_use = loaded


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


@pytest.fixture
def reloader(shelf: Shelf) -> Reloader[int]:
    reloader = Reloader(shelf.manifest, shelf.load, shelf.take)
    shelf.take(shelf.load())
    return reloader


def failures() -> float:
    return REGISTRY.get_sample_value("cartelera_reloads_total", {"outcome": "failed"}) or 0.0


def test_nothing_new_is_not_loaded_again(shelf: Shelf, reloader: Reloader[int]):
    assert not reloader.look()
    assert shelf.n_loads == 1


def test_a_new_bundle_is_taken_once(shelf: Shelf, reloader: Reloader[int]):
    shelf.put("2")
    assert [reloader.look(), reloader.look()] == [True, False]
    assert shelf.in_use == 2


def test_a_bundle_put_there_during_the_first_load_is_noticed(shelf: Shelf):
    reloader = Reloader(shelf.manifest, shelf.load, shelf.take)
    shelf.take(shelf.load())
    shelf.put("2")
    assert reloader.look()
    assert shelf.in_use == 2


def test_a_folder_that_is_just_being_replaced_is_left_alone(shelf: Shelf, reloader: Reloader[int]):
    shelf.manifest.unlink()
    assert not reloader.look()
    shelf.put("2")
    assert reloader.look()


def test_what_cannot_be_loaded_leaves_the_old_one_in_use_and_is_given_up(
    shelf: Shelf, reloader: Reloader[int], caplog: pytest.LogCaptureFixture
):
    before = failures()
    shelf.put("damaged")
    with caplog.at_level(logging.ERROR, logger="cartelera"):
        assert not any(reloader.look() for _ in range(ATTEMPTS + 3))
    assert shelf.in_use == 1
    assert shelf.n_loads == 1 + ATTEMPTS
    assert failures() == before + 1


def test_after_a_damaged_bundle_a_good_one_is_taken(shelf: Shelf, reloader: Reloader[int]):
    shelf.put("damaged")
    for _ in range(ATTEMPTS):
        reloader.look()
    shelf.put("3")
    assert reloader.look()
    assert shelf.in_use == 3


def test_the_watch_takes_what_comes(shelf: Shelf, reloader: Reloader[int]):
    stop = reloader.watch(0.01)
    shelf.put("2")
    try:
        assert any(shelf.in_use == 2 or stop.wait(0.01) for _ in range(500))
    finally:
        stop.set()
