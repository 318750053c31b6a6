import os
import subprocess
import sys
from pathlib import Path
from typing import BinaryIO

import pytest

from cartelera import columns as c
from cartelera.raw import read_raw
from cartelera.service.answering import feedback
from cartelera.service.answering.feedback import (
    Deletion,
    FeedbackLog,
    ReceivedRating,
    from_environment,
    read_line,
    segments,
)
from cartelera.service.answering.feedback_reader import FeedbackReader

HEADER = "userId,rating,timestamp,movieId\n"


def rating(user_id: int = 1, stars: float = 4.5, title_id: str = "ns1") -> ReceivedRating:
    return ReceivedRating(user_id, stars, 1_700_000_000, title_id)


def test_ratings_are_kept_as_the_pipeline_reads_them(log: FeedbackLog, path: Path):
    log.append(rating())
    log.append(rating(2, 3.0, "hs7"))
    assert path.read_text() == HEADER + "1,4.5,1700000000,ns1\n2,3.0,1700000000,hs7\n"
    assert list(read_raw(path, c.RAW_RATING_COLUMNS)[c.RAW_USER]) == ["1", "2"]


def test_a_line_that_was_not_written_to_its_end_is_gone_with_the_next_one(
    log: FeedbackLog, path: Path
):
    log.append(rating())
    with path.open("a") as file:
        file.write("2,4.5,17000")
    log.append(rating(3))
    assert path.read_text() == HEADER + "1,4.5,1700000000,ns1\n3,4.5,1700000000,ns1\n"


def test_a_segment_that_has_its_size_is_left_alone_and_the_next_one_begins(tmp_path: Path):
    log = FeedbackLog(tmp_path, segment_bytes=len(HEADER) + 30)
    for user_id in range(5):
        log.append(rating(user_id))
    assert [path.name for path in segments(tmp_path)] == [
        "ratings.csv",
        "ratings_000002.csv",
        "ratings_000003.csv",
    ]
    assert segments(tmp_path)[1].read_text() == (
        HEADER + "2,4.5,1700000000,ns1\n3,4.5,1700000000,ns1\n"
    )


@pytest.mark.parametrize("left", ["", "userId,rat", HEADER, HEADER + "2,4.5"])
def test_a_segment_whose_first_line_was_not_written_to_its_end_is_begun_again(
    tmp_path: Path, left: str
):
    log = FeedbackLog(tmp_path, segment_bytes=len(HEADER) + 10)
    log.append(ReceivedRating(1, 4.5, 1_700_000_060, "ns1"))
    (tmp_path / "ratings_000002.csv").write_text(left)
    kept = log.append(rating(2))
    assert kept.timestamp == 1_700_000_060, "not before the one of the segment before"
    assert segments(tmp_path)[-1].read_text() == HEADER + "2,4.5,1700000060,ns1\n"


def test_a_deletion_is_a_line_without_a_title(log: FeedbackLog, path: Path):
    log.append(rating())
    kept = log.append(Deletion(1, 1_600_000_000))
    assert path.read_text().splitlines()[-1] == "1,deleted,1600000000,"
    assert kept.timestamp == 1_600_000_000, "so far back, the line before is at fault"
    assert log.append(Deletion(1, 1_599_999_999)).timestamp == 1_600_000_000
    assert list(read_raw(path, c.RAW_RATING_COLUMNS)[c.RAW_TITLE_ID]) == ["ns1", "", ""]


@pytest.mark.parametrize("left", ["", "userId,rat", "x" * 100_000])
def test_a_header_that_was_not_written_to_its_end_is_written_again(
    log: FeedbackLog, path: Path, left: str
):
    path.parent.mkdir()
    path.write_text(left)
    log.append(rating())
    assert path.read_text() == HEADER + "1,4.5,1700000000,ns1\n"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
def test_a_pipe_in_place_of_the_log_keeps_nothing_and_is_not_waited_for(
    log: FeedbackLog, path: Path
):
    path.parent.mkdir()
    os.mkfifo(path)
    with pytest.raises(OSError):
        log.append(rating())
    assert FeedbackReader(path.parent).of(1) == {}


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


APPEND_MANY = """
import sys
from pathlib import Path
from cartelera.service.answering.feedback import FeedbackLog, ReceivedRating

log = FeedbackLog(Path(sys.argv[1]), segment_bytes=1000)
for n in range(50):
    log.append(ReceivedRating(int(sys.argv[2]), 4.5, 1700000000, f"ns{n}"))
"""


def test_workers_that_write_at_once_lose_nothing(tmp_path: Path):
    command = [sys.executable, "-c", APPEND_MANY, str(tmp_path)]
    workers = [subprocess.Popen([*command, user]) for user in "123"]
    assert [worker.wait(60) for worker in workers] == [0, 0, 0]
    contents = [path.read_text().splitlines() for path in segments(tmp_path)]
    assert len(contents) > 2
    assert {lines[0] for lines in contents} == {HEADER.strip()}
    ratings = [line for lines in contents for line in lines[1:]]
    assert len(ratings) == len(set(ratings)) == 150
    assert FeedbackReader(tmp_path).of(2) == {f"ns{n}": 4.5 for n in range(50)}


SCRIPT = """
import os, signal, sys
from pathlib import Path
from cartelera.service.answering.feedback import FeedbackLog, ReceivedRating

synced = os.fsync
def kill_after_write(file):
    synced(file)
    os.kill(os.getpid(), signal.SIGKILL)

log = FeedbackLog(Path(sys.argv[1]), segment_bytes=1)
log.append(ReceivedRating(1, 4.5, 1700000000, "ns1"))
if sys.argv[2] == "in":
    os.fsync = kill_after_write
log.append(ReceivedRating(1, 4.5, 1700000000, "ns2"))
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("when", ["in", "after"])
def test_a_writer_killed_in_a_new_segment_leaves_whole_lines(tmp_path: Path, when: str):
    done = subprocess.run([sys.executable, "-c", SCRIPT, str(tmp_path), when], check=False)
    assert done.returncode == -9
    reader = FeedbackReader(tmp_path)
    assert reader.of(1) == {"ns1": 4.5, "ns2": 4.5}
    FeedbackLog(tmp_path).append(rating(2))
    assert reader.of(2) == {"ns1": 4.5}
    assert [path.read_text().count("\n") for path in segments(tmp_path)] == [2, 3]


@pytest.mark.parametrize(("value", "is_kept"), [(None, False), (" ", False), ("here", True)])
def test_the_environment_says_whether_ratings_are_received(
    monkeypatch: pytest.MonkeyPatch, value: str | None, is_kept: bool
):
    monkeypatch.delenv("CARTELERA_FEEDBACK", raising=False)
    if value is not None:
        monkeypatch.setenv("CARTELERA_FEEDBACK", value)
    assert (from_environment() is not None) == is_kept


@pytest.mark.parametrize("stars", [0.0, 0.5, 5.0])
def test_what_lies_on_a_scale_is_a_rating(stars: float):
    assert read_line(rating(stars=stars).line()) == rating(stars=stars)


@pytest.mark.parametrize("stars", [-0.5, 5.5])
def test_what_lies_outside_is_none(stars: float):
    assert read_line(rating(stars=stars).line()) is None


def test_a_clock_that_is_behind_is_believed_from_more_than_a_day_on(log: FeedbackLog):
    now, day = 1_700_000_000, 86_400
    log.append(ReceivedRating(1, 4.5, now, "ns1"))

    assert log.append(ReceivedRating(1, 4.5, now - day, "ns1")).timestamp == now
    assert log.append(ReceivedRating(1, 4.5, now - day - 1, "ns1")).timestamp == now - day - 1
