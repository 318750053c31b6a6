import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import BinaryIO

import pytest

from cartelera import columns as c
from cartelera.raw import read_raw
from cartelera.service.answering import feedback
from cartelera.service.answering.feedback import (
    FILE_NAME,
    FeedbackLog,
    ReceivedRating,
    from_environment,
)

HEADER = "userId,rating,timestamp,movieId\n"


@pytest.fixture
def log(tmp_path: Path) -> FeedbackLog:
    return FeedbackLog(tmp_path / "feedback")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "feedback" / FILE_NAME


def rating(user_id: int = 1, stars: float = 4.5, title_id: str = "ns1") -> ReceivedRating:
    return ReceivedRating(user_id, stars, 1_700_000_000, title_id)


def test_ratings_are_kept_as_the_pipeline_reads_them(log: FeedbackLog, path: Path):
    log.append(rating())
    log.append(rating(2, 3.0, "hs7"))
    assert path.read_text() == HEADER + "1,4.5,1700000000,ns1\n2,3.0,1700000000,hs7\n"
    assert list(read_raw(path, c.RAW_RATING_COLUMNS)[c.RAW_USER]) == ["1", "2"]


def test_the_latest_rating_of_a_title_counts(log: FeedbackLog):
    log.append(rating(stars=2.0))
    log.append(rating(title_id="hs7"))
    log.append(rating(stars=5.0))
    assert list(log.of(1).items()) == [("hs7", 4.5), ("ns1", 5.0)], "the latest comes last"
    assert log.of(2) == {}


def test_the_latest_rating_comes_last_whenever_it_is_read(log: FeedbackLog):
    for title_id in ("ns1", "hs7", "ns1"):
        log.append(rating(title_id=title_id))
        assert list(log.of(1))[-1] == title_id


def test_each_worker_sees_what_another_received(log: FeedbackLog, tmp_path: Path):
    other = FeedbackLog(tmp_path / "feedback")
    assert other.of(1) == {}
    log.append(rating())
    assert other.of(1) == {"ns1": 4.5}
    other.append(rating(stars=1.0))
    assert log.of(1) == other.of(1) == {"ns1": 1.0}


def test_a_line_that_was_not_written_to_its_end_is_no_rating_and_gone_with_the_next_one(
    log: FeedbackLog, path: Path, tmp_path: Path
):
    log.append(rating())
    with path.open("a") as file:
        file.write("2,4.5,17000")
    other = FeedbackLog(tmp_path / "feedback")
    assert other.of(2) == {}
    other.append(rating(3))
    assert path.read_text() == HEADER + "1,4.5,1700000000,ns1\n3,4.5,1700000000,ns1\n"
    assert log.of(3) == other.of(3) == {"ns1": 4.5}


@pytest.mark.parametrize("left", ["", "userId,rat", "x" * 100_000])
def test_a_header_that_was_not_written_to_its_end_is_written_again(
    log: FeedbackLog, path: Path, left: str
):
    path.parent.mkdir()
    path.write_text(left)
    log.append(rating())
    assert path.read_text() == HEADER + "1,4.5,1700000000,ns1\n"


def test_another_file_in_its_place_is_read_anew(log: FeedbackLog, path: Path):
    log.append(rating())
    log.append(rating(2))
    assert log.of(1)
    path.with_name("edited").write_text(HEADER + "2,1.0,1700000000,ns1\n")
    path.with_name("edited").replace(path)
    assert log.of(1) == {}
    assert log.of(2) == {"ns1": 1.0}


def test_lines_that_are_no_ratings_are_left_alone(log: FeedbackLog, path: Path):
    path.parent.mkdir()
    path.write_bytes(HEADER.encode() + b"\nx,y\n\xff\xfe,,,\n1,4.5,1700000000,ns1\n")
    assert log.of(1) == {"ns1": 4.5}


def test_a_removed_file_does_no_harm(log: FeedbackLog, path: Path):
    log.append(rating())
    path.unlink()
    log.of(1)
    log.append(rating(2))
    assert path.read_text() == HEADER + "2,4.5,1700000000,ns1\n"


def test_a_full_disk_leaves_the_file_as_it_was(
    log: FeedbackLog, path: Path, monkeypatch: pytest.MonkeyPatch
):
    log.append(rating())
    before = path.read_bytes()

    def write_half(file: BinaryIO, content: bytes, offset: int) -> None:
        file.seek(offset)
        file.write(content[:3])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(feedback, "_write_at", write_half)
    with pytest.raises(OSError, match="No space"):
        log.append(rating(2))
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("line", "now", "kept"),
    [
        ("2,3.0,1700000060,hs7", 1_700_000_000, 1_700_000_060),
        ("2,3.0,1700000060,hs7", 1_700_000_090, 1_700_000_090),
        ("2,3.0,1900000000000,hs7", 1_700_000_000, 1_700_000_000),
        ("no rating", 1_700_000_000, 1_700_000_000),
    ],
)
def test_a_clock_that_goes_back_does_not_make_the_later_rating_the_older_one(
    log: FeedbackLog, path: Path, line: str, now: int, kept: int
):
    path.parent.mkdir()
    path.write_text(f"{HEADER}{line}\n")
    received = log.append(ReceivedRating(1, 4.5, now, "ns1"))
    assert received.timestamp == kept
    assert path.read_text().splitlines()[-1] == f"1,4.5,{kept},ns1"


@pytest.mark.parametrize("stars", ["nan", "inf", "-1", "99"])
def test_a_line_with_an_impossible_rating_is_left_alone(log: FeedbackLog, path: Path, stars: str):
    path.parent.mkdir()
    path.write_text(f"{HEADER}1,{stars},1700000000,ns1\n")
    assert log.of(1) == {}


def test_what_cannot_be_read_is_not_known_and_said_once(
    log: FeedbackLog, path: Path, monkeypatch: pytest.MonkeyPatch
):
    said: list[str] = []
    monkeypatch.setattr(feedback.logger, "error", lambda text, *_: said.append(text))
    path.mkdir(parents=True)
    assert [log.of(1), log.of(1)] == [{}, {}]
    assert len(said) == 1
    path.rmdir()
    log.append(rating())
    assert log.of(1) == {"ns1": 4.5}


def test_a_new_file_with_the_number_of_the_former_one_is_read_from_its_beginning(
    log: FeedbackLog, path: Path
):
    log.append(rating())
    assert log.of(1)
    path.write_text(HEADER + "2,1.0,1700000000,ns1\n3,1.0,1700000000,ns1\n")
    assert (log.of(1), log.of(2), log.of(3)) == ({}, {"ns1": 1.0}, {"ns1": 1.0})


def test_who_asks_does_not_wait_for_a_slow_disk(log: FeedbackLog, monkeypatch: pytest.MonkeyPatch):
    is_written, may_end = threading.Event(), threading.Event()

    def sync_slowly(_: int) -> None:
        is_written.set()
        may_end.wait(20)

    monkeypatch.setattr(os, "fsync", sync_slowly)
    writer = threading.Thread(target=log.append, args=(rating(),))
    writer.start()
    try:
        assert is_written.wait(20)
        reader = threading.Thread(target=log.of, args=(1,), daemon=True)
        reader.start()
        reader.join(10)
        assert not reader.is_alive()
    finally:
        may_end.set()
        writer.join()


APPEND_MANY = """
import sys
from pathlib import Path
from cartelera.service.answering.feedback import FeedbackLog, ReceivedRating

log = FeedbackLog(Path(sys.argv[1]))
for n in range(50):
    log.append(ReceivedRating(int(sys.argv[2]), 4.5, 1700000000, f"ns{n}"))
"""


def test_workers_that_write_at_once_lose_nothing(tmp_path: Path):
    command = [sys.executable, "-c", APPEND_MANY, str(tmp_path)]
    workers = [subprocess.Popen([*command, user]) for user in "123"]
    assert [worker.wait(60) for worker in workers] == [0, 0, 0]
    lines = (tmp_path / FILE_NAME).read_text().splitlines()
    assert len(lines) == len(set(lines)) == 151
    assert lines[0] == HEADER.strip()
    assert FeedbackLog(tmp_path).of(2) == {f"ns{n}": 4.5 for n in range(50)}


SCRIPT = """
import os, signal, sys
from pathlib import Path
from cartelera.service.answering.feedback import FeedbackLog, ReceivedRating

synced = os.fsync
def kill_after_write(file):
    synced(file)
    os.kill(os.getpid(), signal.SIGKILL)

if sys.argv[2] == "in":
    os.fsync = kill_after_write
FeedbackLog(Path(sys.argv[1])).append(ReceivedRating(1, 4.5, 1700000000, "ns1"))
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("when", ["in", "after"])
def test_a_killed_writer_leaves_whole_lines(tmp_path: Path, when: str):
    done = subprocess.run([sys.executable, "-c", SCRIPT, str(tmp_path), when], check=False)
    assert done.returncode == -9
    log = FeedbackLog(tmp_path)
    assert log.of(1) == {"ns1": 4.5}
    log.append(rating(2))
    assert (tmp_path / FILE_NAME).read_text().count("\n") == 3


@pytest.mark.parametrize(("value", "is_kept"), [(None, False), (" ", False), ("here", True)])
def test_the_environment_says_whether_ratings_are_received(
    monkeypatch: pytest.MonkeyPatch, value: str | None, is_kept: bool
):
    monkeypatch.delenv("CARTELERA_FEEDBACK", raising=False)
    if value is not None:
        monkeypatch.setenv("CARTELERA_FEEDBACK", value)
    assert (from_environment() is not None) == is_kept
