import logging
import shutil
from pathlib import Path

import pytest

from cartelera.errors import InputError
from cartelera.raw_files import find_raw_files
from cartelera.sources import folder

RAW = [
    "amazon_prime_titles.csv", "disney_plus_titles.csv", "hulu_titles.csv",
    "netflix_titles.csv", "ratings/1.csv", "ratings/2.csv",
]  # fmt: skip
ALLOWED = "amazon_prime_titles.csv, disney_plus_titles.csv, hulu_titles.csv, netflix_titles.csv"


def test_finds_the_raw_files(raw):
    assert list(find_raw_files(raw).by_name) == RAW


def test_leaves_other_files_alone_and_says_so(raw, caplog):
    for name in (
        "README.md",
        "title_mean_scores.csv",
        "ratings/notes.txt",
        ".x_titles.csv",
        "ratings/.1.csv",
    ):
        (raw / name).write_text("anything")

    with caplog.at_level(logging.INFO, "cartelera"):
        assert list(find_raw_files(raw).by_name) == RAW
    assert "README.md" in caplog.text
    assert "ratings/notes.txt" in caplog.text
    assert "title_mean_scores.csv" in caplog.text


def no_folder(raw: Path) -> None:
    shutil.rmtree(raw)


def file_instead(raw: Path) -> None:
    shutil.rmtree(raw)
    raw.write_text("a file")


def no_catalogues(raw: Path) -> None:
    (raw / "hulu_titles.csv").unlink()
    (raw / "disney_plus_titles.csv").unlink()


def fifth_platform(raw: Path) -> None:
    (raw / "mubi_titles.csv").write_text("films")


def no_ratings(raw: Path) -> None:
    for path in (raw / "ratings").iterdir():
        path.rename(path.with_suffix(".txt"))


def no_ratings_folder(raw: Path) -> None:
    shutil.rmtree(raw / "ratings")


def ratings_in_one_file(raw: Path) -> None:
    shutil.rmtree(raw / "ratings")
    (raw / "ratings").write_text("ratings")


def empty_catalogue(raw: Path) -> None:
    (raw / "netflix_titles.csv").write_bytes(b"")


def empty_ratings(raw: Path) -> None:
    (raw / "ratings" / "2.csv").write_bytes(b"")


def folder_for_a_file(raw: Path) -> None:
    (raw / "hulu_titles.csv").unlink()
    (raw / "hulu_titles.csv").mkdir()


def packed_ratings(raw: Path) -> None:
    (raw / "ratings" / "3.csv.zst").write_bytes(b"\x28\xb5\x2f\xfd")


def dangling_catalogue(raw: Path) -> None:
    (raw / "hulu_titles.csv").unlink()
    (raw / "hulu_titles.csv").symlink_to("/nowhere/hulu.csv")


def dangling_ratings(raw: Path) -> None:
    (raw / "ratings" / "3.csv").symlink_to("gone.csv")


BAD_FOLDERS = {
    no_folder: f"raw files does not exist: give a folder with {ALLOWED} and ratings/\\*.csv",
    file_instead: "raw files is a file: give the folder that holds amazon_prime",
    no_catalogues: f"lacks disney_plus_titles.csv, hulu_titles.csv: expected are {ALLOWED}",
    fifth_platform: f"mubi_titles.csv is the catalogue of an unknown platform: allowed are {ALLOWED}",
    no_ratings: r"ratings holds no ratings: expected is at least one ratings/\*.csv",
    no_ratings_folder: "ratings holds no ratings",
    ratings_in_one_file: "ratings holds no ratings",
    empty_catalogue: r"netflix_titles.csv is empty \(0 bytes\)",
    empty_ratings: r"ratings/2.csv is empty \(0 bytes\)",
    folder_for_a_file: "hulu_titles.csv is no regular file",
    packed_ratings: r"3.csv.zst would be left out: CSV \(also as .gz\), JSON, Parquet and .xlsx are read",
    dangling_catalogue: r"hulu_titles.csv is a link that leads nowhere \(/nowhere/hulu.csv\)",
    dangling_ratings: r"3.csv is a link that leads nowhere \(gone.csv\)",
}


@pytest.mark.parametrize(
    ("spoil", "message"), BAD_FOLDERS.items(), ids=lambda case: getattr(case, "__name__", "")
)
@pytest.mark.parametrize("use", [find_raw_files, folder.digest])
def test_bad_folder_is_refused(use, spoil, message, raw):
    spoil(raw)

    with pytest.raises(InputError, match=message):
        use(raw)


def test_links_to_files_and_folders_are_followed(raw, tmp_path):
    linked = tmp_path / "linked"
    linked.mkdir()
    for name in ("amazon_prime", "disney_plus", "hulu", "netflix"):
        (linked / f"{name}_titles.csv").symlink_to(raw / f"{name}_titles.csv")
    (linked / "ratings").symlink_to(raw / "ratings")

    folder.copy(linked, tmp_path / "copied")

    assert folder.digest(linked) == folder.digest(raw)
    assert not any(path.is_symlink() for path in (tmp_path / "copied").rglob("*"))


def test_digest_is_of_names_and_contents_alone(raw, tmp_path):
    digest = folder.digest(raw)
    again = tmp_path / "again"
    (again / "ratings").mkdir(parents=True)
    for path in reversed(RAW):
        shutil.copyfile(raw / path, again / path)
    (again / "README.md").write_text("not raw")

    assert len(digest) == 64
    assert folder.digest(again) == digest


def test_digest_changes_with_a_name_or_a_content(raw):
    digests = {folder.digest(raw)}
    (raw / "hulu_titles.csv").write_text("titles of hul\n")
    digests.add(folder.digest(raw))
    (raw / "ratings" / "2.csv").rename(raw / "ratings" / "3.csv")
    digests.add(folder.digest(raw))
    (raw / "ratings" / "1.csv").write_text("some ratings\nmore ratings\n")
    (raw / "ratings" / "3.csv").unlink()
    digests.add(folder.digest(raw))

    assert len(digests) == 4


def test_copies_the_raw_files_and_nothing_else(raw, tmp_path):
    (raw / "README.md").write_text("not raw")

    folder.copy(raw, tmp_path / "copied")

    copied = tmp_path / "copied"
    assert list(find_raw_files(copied).by_name) == RAW
    assert not (copied / "README.md").exists()
    assert folder.digest(copied) == folder.digest(raw)


def test_a_file_that_changes_during_the_copy_is_refused(raw, tmp_path, monkeypatch):
    def sha256_then_change(path: Path) -> str:
        digest = honest(path)
        if path == raw / "ratings" / "1.csv":
            path.write_text("other ratings\n")
        return digest

    honest = folder.sha256
    monkeypatch.setattr(folder, "sha256", sha256_then_change)

    with pytest.raises(InputError, match=r"ratings/1.csv changed while it was copied: start again"):
        folder.copy(raw, tmp_path / "copied")
