"""Reading the log of received ratings: all of it, or what the pipeline has not taken in."""

import os
import tempfile
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartelera.received import Position
from cartelera.service.answering import feedback_reader
from cartelera.service.answering.feedback import (
    Deletion,
    FeedbackLog,
    ReceivedRating,
    segments,
)
from cartelera.service.answering.feedback_reader import FeedbackReader, with_later
from cartelera.sources import feedback as source

HEADER = "userId,rating,timestamp,movieId\n"
TINY = len(HEADER) + 30
"""A segment of two ratings."""


@pytest.fixture
def tiny(tmp_path: Path) -> FeedbackLog:
    return FeedbackLog(tmp_path / "feedback", TINY)


@pytest.fixture
def reader(tmp_path: Path) -> FeedbackReader:
    return FeedbackReader(tmp_path / "feedback")


def rating(user_id: int = 1, stars: float = 4.5, title_id: str = "ns1") -> ReceivedRating:
    return ReceivedRating(user_id, stars, 1_700_000_000, title_id)


def taken_in(folder: Path) -> list[Position]:
    """Let the pipeline read what there is; return how far that goes."""
    with tempfile.TemporaryDirectory() as raw:
        source.copy(folder, source.look(folder), Path(raw))
        return source.positions({path.name: path for path in Path(raw).iterdir()})


def test_the_latest_rating_of_a_title_counts(log: FeedbackLog, reader: FeedbackReader):
    log.append(rating(stars=2.0))
    log.append(rating(title_id="hs7"))
    log.append(rating(stars=5.0))
    assert list(reader.of(1).items()) == [("hs7", 4.5), ("ns1", 5.0)], "the latest comes last"
    assert reader.of(2) == {}


def test_the_latest_rating_comes_last_whenever_it_is_read(log: FeedbackLog, reader: FeedbackReader):
    for title_id in ("ns1", "hs7", "ns1"):
        log.append(rating(title_id=title_id))
        assert list(reader.of(1))[-1] == title_id


def test_each_worker_sees_what_another_received(
    log: FeedbackLog, reader: FeedbackReader, tmp_path: Path
):
    other = FeedbackLog(tmp_path / "feedback")
    assert reader.of(1) == {}
    log.append(rating())
    assert reader.of(1) == {"ns1": 4.5}
    other.append(rating(stars=1.0))
    assert reader.of(1) == {"ns1": 1.0}


def test_another_file_in_its_place_is_read_anew(
    log: FeedbackLog, reader: FeedbackReader, path: Path
):
    log.append(rating())
    log.append(rating(2))
    assert reader.of(1)
    path.with_name("edited").write_text(HEADER + "2,1.0,1700000000,ns1\n")
    path.with_name("edited").replace(path)
    assert reader.of(1) == {}
    assert reader.of(2) == {"ns1": 1.0}


def test_lines_that_are_no_ratings_are_left_alone(reader: FeedbackReader, path: Path):
    path.parent.mkdir()
    path.write_bytes(HEADER.encode() + b"\nx,y\n\xff\xfe,,,\n1,4.5,1700000000,ns1\n")
    assert reader.of(1) == {"ns1": 4.5}


def test_a_removed_file_does_no_harm(log: FeedbackLog, reader: FeedbackReader, path: Path):
    log.append(rating())
    path.unlink()
    reader.of(1)
    log.append(rating(2))
    assert path.read_text() == HEADER + "2,4.5,1700000000,ns1\n"


@pytest.mark.parametrize("stars", ["nan", "inf", "-1", "99"])
def test_a_line_with_an_impossible_rating_is_left_alone(
    reader: FeedbackReader, path: Path, stars: str
):
    path.parent.mkdir()
    path.write_text(f"{HEADER}1,{stars},1700000000,ns1\n")
    assert reader.of(1) == {}


def test_what_cannot_be_read_is_not_known_and_said_once(
    log: FeedbackLog, reader: FeedbackReader, path: Path, monkeypatch: pytest.MonkeyPatch
):
    said: list[str] = []
    monkeypatch.setattr(feedback_reader.logger, "error", lambda text, *_: said.append(text))
    path.mkdir(parents=True)
    assert [reader.of(1), reader.of(1)] == [{}, {}]
    assert len(said) == 1
    path.rmdir()
    log.append(rating())
    assert reader.of(1) == {"ns1": 4.5}


def test_a_new_file_with_the_number_of_the_former_one_is_read_from_its_beginning(
    log: FeedbackLog, reader: FeedbackReader, path: Path
):
    log.append(rating())
    assert reader.of(1)
    path.write_text(HEADER + "2,1.0,1700000000,ns1\n3,1.0,1700000000,ns1\n")
    assert (reader.of(1), reader.of(2), reader.of(3)) == ({}, {"ns1": 1.0}, {"ns1": 1.0})


def test_who_asks_does_not_wait_for_a_slow_disk(
    log: FeedbackLog, reader: FeedbackReader, monkeypatch: pytest.MonkeyPatch
):
    is_written, may_end = threading.Event(), threading.Event()

    def sync_slowly(_: int) -> None:
        is_written.set()
        may_end.wait(20)

    monkeypatch.setattr(os, "fsync", sync_slowly)
    writer = threading.Thread(target=log.append, args=(rating(),))
    writer.start()
    try:
        assert is_written.wait(20)
        asking = threading.Thread(target=reader.of, args=(1,), daemon=True)
        asking.start()
        asking.join(10)
        assert not asking.is_alive()
    finally:
        may_end.set()
        writer.join()


def test_a_line_that_was_not_written_to_its_end_is_no_rating(
    log: FeedbackLog, reader: FeedbackReader, path: Path
):
    log.append(rating())
    with path.open("a") as file:
        file.write("2,4.5,17000")
    assert reader.of(2) == {}
    log.append(rating(3))
    assert (reader.of(2), reader.of(3)) == ({}, {"ns1": 4.5})


def test_what_was_taken_in_is_not_read_and_what_follows_is(tiny: FeedbackLog, path: Path):
    for user_id in (1, 2, 3):
        tiny.append(rating(user_id))
    before = taken_in(tiny.folder)
    reader = FeedbackReader(tiny.folder, before)
    assert [reader.of(user_id) for user_id in (1, 2, 3)] == [{}, {}, {}]

    for user_id in (4, 5, 6):
        tiny.append(rating(user_id))
    assert [path.name for path in segments(tiny.folder)] == [
        "ratings.csv",
        "ratings_000002.csv",
        "ratings_000003.csv",
    ]
    for known in (reader, FeedbackReader(tiny.folder, before)):
        assert [list(known.of(user_id)) for user_id in range(1, 7)] == [[]] * 3 + [["ns1"]] * 3


def test_a_bundle_of_another_log_hides_nothing(
    log: FeedbackLog, path: Path, caplog: pytest.LogCaptureFixture
):
    log.append(rating(1))
    log.append(rating(2))
    before = taken_in(log.folder)
    path.write_text(HEADER + "3,1.0,1700000000,ns1\n" * 3)
    assert FeedbackReader(log.folder, before).of(3) == {"ns1": 1.0}
    assert "ratings.csv is not the file that the pipeline read" in caplog.text


def test_of_two_files_that_went_by_its_name_the_one_it_is_counts(log: FeedbackLog):
    """As when the source has a file named like a copy of the log."""
    log.append(rating())
    (mine,) = taken_in(log.folder)
    foreign = Position(mine.name, 3 * mine.n_bytes, "0" * 64)
    assert FeedbackReader(log.folder, [foreign, mine]).of(1) == {}
    assert FeedbackReader(log.folder, [foreign]).of(1) == {"ns1": 4.5}


def test_segments_that_were_removed_do_no_harm(tiny: FeedbackLog, reader: FeedbackReader):
    for user_id in range(5):
        tiny.append(rating(user_id))
    first, _, newest = segments(tiny.folder)
    first.unlink()
    assert FeedbackReader(tiny.folder).of(4) == {"ns1": 4.5}
    assert reader.of(4) == {"ns1": 4.5}
    newest.unlink()
    tiny.append(rating(9))
    assert reader.of(9) == {"ns1": 4.5}


def test_a_segment_that_begins_while_the_log_is_read_is_found(
    tiny: FeedbackLog, reader: FeedbackReader, monkeypatch: pytest.MonkeyPatch
):
    tiny.append(rating(1))
    tiny.append(rating(2))
    listed = feedback_reader.segments

    def list_slowly(folder: Path) -> list[Path]:
        found = listed(folder)
        monkeypatch.undo()
        tiny.append(rating(3))
        return found

    monkeypatch.setattr(feedback_reader, "segments", list_slowly)
    assert reader.of(3) == {}
    assert reader.of(3) == {"ns1": 4.5}


def test_a_deletion_concerns_what_was_received_of_its_user_before(
    log: FeedbackLog, reader: FeedbackReader
):
    for line in (rating(1), rating(2), Deletion(1, 1_700_000_000), rating(1, title_id="hs7")):
        log.append(line)
    assert (reader.of(1), reader.of(2)) == ({"hs7": 4.5}, {"ns1": 4.5})
    assert (reader.has_deleted(1), reader.has_deleted(2)) == (True, False)

    log.append(Deletion(1, 1_700_000_000))
    assert reader.of(1) == {}
    since = FeedbackReader(log.folder, taken_in(log.folder))
    assert (since.of(1), since.has_deleted(1)) == ({}, False), "the pipeline has seen to it"


Line = ReceivedRating | Deletion
LINES = st.builds(
    rating,
    st.integers(1, 2),
    st.integers(1, 10).map(lambda n: n / 2),
    st.sampled_from(["ns1", "ns2", "hs1"]),
) | st.builds(Deletion, st.integers(1, 2), st.just(1_700_000_000))


@given(lines=st.lists(LINES, max_size=12), size=st.integers(1, 200), data=st.data())
def test_segments_are_one_long_log_wherever_the_pipeline_stopped(
    lines: list[Line], size: int, data: st.DataObject
):
    """What a bundle has seen and what came since are everything, for each bundle there was."""
    n_before = data.draw(st.integers(0, len(lines)))
    with tempfile.TemporaryDirectory() as folder:
        log = FeedbackLog(Path(folder), size)
        whole, positions = FeedbackReader(log.folder), taken_in(log.folder)
        for n, line in enumerate(lines, start=1):
            log.append(line)
            if n == n_before:
                positions = taken_in(log.folder)
        since = FeedbackReader(log.folder, positions)

        for user_id in (1, 2):
            expected = list(counting(lines, user_id).items())
            assert list(whole.of(user_id).items()) == expected
            received = since.of(user_id)
            seen = {} if since.has_deleted(user_id) else counting(lines[:n_before], user_id)
            assert list(with_later(seen, received).items()) == expected


def counting(lines: list[Line], user_id: int) -> dict[str, float]:
    found: dict[str, float] = {}
    for line in (each for each in lines if each.user_id == user_id):
        if isinstance(line, Deletion):
            found = {}
        else:
            found.pop(line.title_id, None)
            found[line.title_id] = line.rating
    return found


def test_a_line_that_is_still_being_written_is_read_once_it_is_whole(
    log: FeedbackLog, path: Path, reader: FeedbackReader
):
    log.append(rating())
    with path.open("a") as file:
        file.write("23")
    assert reader.of(1) == {"ns1": 4.5}

    with path.open("a") as file:
        file.write(",3.0,1700000001,hs7\n")

    assert reader.of(23) == {"hs7": 3.0}
    assert reader.of(3) == {}
