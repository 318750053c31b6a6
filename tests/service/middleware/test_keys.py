from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartelera.errors import InputError
from cartelera.service.middleware.keys import Keys, read_keys

OLD, NEW = "old-key-" + "0" * 16, "new-key-" + "1" * 16


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keys(clock: Clock) -> Keys:
    return Keys([OLD, NEW], session_s=60, clock=clock)


def test_each_key_is_found(keys: Keys):
    assert (keys.find(OLD), keys.find(NEW)) == (0, 1)


@given(st.text())
def test_nothing_else_is_a_key(presented: str):
    assert Keys([OLD], 60).find(presented) is None


@pytest.mark.parametrize("presented", ["", OLD[:-1], OLD + " ", OLD.upper(), "\ud800", "é" * 30])
def test_what_resembles_a_key_is_none(keys: Keys, presented: str):
    assert keys.find(presented) is None


def test_a_session_stands_for_its_key_until_it_ends(keys: Keys, clock: Clock):
    session = keys.start_session(1)
    clock.now += 59
    assert keys.find_session(session) == 1
    clock.now += 2
    assert keys.find_session(session) is None


def test_a_session_is_known_to_another_worker_and_ends_with_its_key(keys: Keys, clock: Clock):
    session = keys.start_session(0)
    assert Keys([OLD], 60, clock).find_session(session) == 0
    assert Keys([NEW], 60, clock).find_session(session) is None


def test_a_session_gives_no_key_away(keys: Keys):
    assert OLD not in keys.start_session(0)


def test_a_session_cannot_be_prolonged(keys: Keys):
    ends_at, signature = keys.start_session(0).split(".")
    assert keys.find_session(f"{int(ends_at) + 1}.{signature}") is None


@given(st.text())
def test_no_made_up_session_opens(cookie: str):
    assert Keys([OLD], 60).find_session(cookie) is None


def test_keys_come_from_the_environment_and_from_a_file(tmp_path: Path):
    file = tmp_path / "key"
    file.write_text(f"{NEW}\n")
    assert read_keys({}) == []
    assert read_keys({"CARTELERA_API_KEY": f"{OLD}, {NEW}"}) == [OLD, NEW]
    assert read_keys({"CARTELERA_API_KEY_FILE": str(file)}) == [NEW]
    both = {"CARTELERA_API_KEY": OLD, "CARTELERA_API_KEY_FILE": str(file)}
    assert read_keys(both) == [OLD, NEW]


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"CARTELERA_API_KEY": ""}, "holds no key"),
        ({"CARTELERA_API_KEY": " , \n"}, "holds no key"),
        ({"CARTELERA_API_KEY": "secret"}, "16 characters"),
        ({"CARTELERA_API_KEY": f"{OLD},short"}, "16 characters"),
        ({"CARTELERA_API_KEY_FILE": "/nowhere/at/all"}, "cannot be read"),
        ({"CARTELERA_API_KEY_FILE": ""}, "cannot be read"),
    ],
)
def test_a_variable_without_a_safe_key_does_not_open_the_service(
    environment: dict[str, str], said: str
):
    with pytest.raises(InputError, match=said) as raised:
        read_keys(environment)
    assert "short" not in str(raised.value)
