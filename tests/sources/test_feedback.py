import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cartelera import columns as c
from cartelera.errors import InputError
from cartelera.platforms import PUBLISHED
from cartelera.raw_files import find_raw_files
from cartelera.sources import feedback

HEADER = "userId,rating,timestamp,movieId\n"
ROW = "1,4.5,1700000000,ns1\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "feedback").mkdir()
    return tmp_path / "feedback"


@pytest.fixture
def ratings(tmp_path: Path) -> Path:
    (tmp_path / "ratings").mkdir()
    return tmp_path / "ratings"


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in sorted(folder.iterdir())}


def test_without_a_folder_nothing_was_received(tmp_path: Path):
    assert feedback.look(tmp_path / "nowhere") == []


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path):
    (tmp_path / "feedback").write_text("")
    with pytest.raises(InputError, match=r"serve\.feedback is the folder"):
        feedback.look(tmp_path / "feedback")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
def test_a_pipe_in_place_of_a_file_is_refused_and_not_waited_for(tmp_path: Path):
    os.mkfifo(tmp_path / "ratings.csv")
    with pytest.raises(InputError, match=r"ratings.csv is no file that can be read"):
        feedback.look(tmp_path)


def test_whole_lines_are_copied_under_names_of_their_own(folder: Path, ratings: Path):
    (folder / "ratings.csv").write_text(HEADER + ROW + "2,4.5,17000")
    (folder / "b.csv").write_text(HEADER + ROW)
    (ratings / "feedback-b.csv").write_text("the source's")
    feedback.copy(folder, feedback.look(folder), ratings)
    assert contents(ratings) == {
        "feedback-b.csv": "the source's",
        "feedback-feedback-b.csv": HEADER + ROW,
        "feedback-ratings.csv": HEADER + ROW,
    }


@pytest.mark.parametrize("text", ["", HEADER, HEADER + "1,4.5", "userId"])
def test_a_file_without_a_rating_is_left_out(folder: Path, text: str):
    (folder / "ratings.csv").write_text(text)
    assert feedback.look(folder) == []


def test_other_files_are_left_alone(folder: Path):
    (folder / "notes.txt").write_text(HEADER + ROW)
    (folder / ".hidden.csv").write_text(HEADER + ROW)
    assert feedback.look(folder) == []


def test_what_is_appended_during_a_run_waits_for_the_next_one(folder: Path, ratings: Path):
    path = folder / "ratings.csv"
    path.write_text(HEADER + ROW)
    before = feedback.look(folder)
    with path.open("a") as file:
        file.write(ROW)
    feedback.copy(folder, before, ratings)
    assert contents(ratings) == {"feedback-ratings.csv": HEADER + ROW}
    assert feedback.look(folder) != before


@pytest.mark.parametrize("text", [HEADER + ROW.replace("4.5", "0.5"), HEADER, None])
def test_what_is_changed_during_a_run_stops_it(folder: Path, ratings: Path, text: str | None):
    path = folder / "ratings.csv"
    path.write_text(HEADER + ROW)
    before = feedback.look(folder)
    path.unlink() if text is None else path.write_text(text)
    with pytest.raises(InputError, match=r"ratings\.csv changed during the run"):
        feedback.copy(folder, before, ratings)
    assert contents(ratings) == {}


def test_how_far_the_copies_go_is_told_by_the_names_of_what_was_copied(folder: Path, ratings: Path):
    (folder / "ratings.csv").write_text(HEADER + ROW + "2,4.5,17000")
    (folder / "ratings_000002.csv").write_text(HEADER + ROW)
    (ratings / "feedback-ratings_000002.csv").write_text("the source's")
    (ratings / "1.csv").write_text(HEADER + ROW)
    feedback.copy(folder, feedback.look(folder), ratings)
    found = feedback.positions({f"ratings/{path.name}": path for path in ratings.iterdir()})

    n_bytes = len(HEADER + ROW)
    assert sorted((each.name, each.n_bytes) for each in found) == [
        ("ratings.csv", n_bytes),
        ("ratings_000002.csv", 12),
        ("ratings_000002.csv", n_bytes),
    ]
    for name in ("ratings.csv", "ratings_000002.csv"):
        with (folder / name).open("rb") as file:
            assert any(each.is_in(file) for each in found if each.name == name)


def test_segments_are_read_in_the_order_they_were_written(folder: Path, ratings: Path):
    for name in ("ratings_000010.csv", "ratings_000002.csv", "ratings.csv"):
        (folder / name).write_text(HEADER + ROW)
    feedback.copy(folder, feedback.look(folder), ratings)
    for platform in PUBLISHED:
        (ratings.parent / platform.file).write_text("show_id\n")
    assert [path.name for path in find_raw_files(ratings.parent).ratings] == [
        "feedback-ratings.csv",
        "feedback-ratings_000002.csv",
        "feedback-ratings_000010.csv",
    ]


def test_a_deletion_concerns_earlier_lines_of_its_user_in_received_files():
    rows = [
        ("ratings/1.csv", "7", "4.0"),
        ("ratings/1.csv", "7", "deleted"),
        ("ratings/feedback-ratings.csv", "7", "3.0"),
        ("ratings/feedback-ratings.csv", "8", "3.0"),
        ("ratings/feedback-ratings.csv", "7", "deleted"),
        ("ratings/feedback-ratings_000002.csv", "7", "2.0"),
        ("ratings/feedback-ratings_000002.csv", "7", "deleted"),
        ("ratings/feedback-ratings_000002.csv", "7", "1.0"),
    ]
    raw = pd.DataFrame(rows, columns=[c.SOURCE_FILE, c.RAW_USER, c.RAW_RATING])
    deletions, deleted = feedback.deletions(raw)
    assert np.flatnonzero(deletions).tolist() == [4, 6]
    assert np.flatnonzero(deleted).tolist() == [2, 4, 5]


def test_without_a_deletion_nothing_is_deleted():
    raw = pd.DataFrame({c.SOURCE_FILE: ["a.csv"], c.RAW_USER: ["1"], c.RAW_RATING: ["4"]})
    assert not any(mask.any() for mask in feedback.deletions(raw))
