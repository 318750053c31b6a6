"""What stays is not looked through again and again."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from cartelera.service.garbage import freeze_loaded_objects


class Node:
    """Refers to itself: only the garbage collector can free it."""

    def __init__(self):
        self.itself = self


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_what_is_loaded_is_passed_over():
    loaded = Node()
    freeze_loaded_objects()
    assert gc.is_tracked(loaded)
    assert all(found is not loaded for found in gc.get_objects())


def test_what_was_replaced_is_freed_all_the_same():
    replaced = weakref.ref(Node())
    gc.freeze()
    freeze_loaded_objects()
    assert replaced() is None
