"""What an absent-minded user hands to the pipeline: a clear word, a failing exit status, nothing left."""

import csv
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("bad_input")]

HEADER = [
    "show_id",
    "type",
    "title",
    "director",
    "cast",
    "country",
    "date_added",
    "release_year",
    "rating",
    "duration",
    "listed_in",
    "description",
]
CATALOGUES = ("amazon_prime", "disney_plus", "hulu", "netflix")


def write_rows(path: Path, header: list[str], rows: list[list[object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])


def film(number: int) -> list[object]:
    added = "March 30, 2021"
    return [f"s{number}", "Movie", f"Film {number}", "Ana Díaz", "Bo Li, Cy Ek", "Peru", added,
            2000 + number, "PG", f"{80 + number} min", "Drama", "A film."]  # fmt: skip


@pytest.fixture
def raw(tmp_path) -> Path:
    folder = tmp_path / "raw files"
    for catalogue in CATALOGUES:
        write_rows(folder / f"{catalogue}_titles.csv", HEADER, [film(n) for n in range(1, 9)])
    ratings = [
        [user, 0.5 + (user * n) % 10 / 2, 1_500_000_000 + 86_400 * n, f"{initial}s{n}"]
        for user in range(1, 13)
        for n in range(1, 9)
        for initial in "adhn"
    ]
    columns = ["userId", "rating", "timestamp", "movieId"]
    write_rows(folder / "ratings" / "1.csv", columns, ratings[:200])
    write_rows(folder / "ratings" / "2.csv", columns, ratings[200:])
    return folder


def remove_folder(raw: Path) -> None:
    raw.rename(raw.with_name("elsewhere"))


def remove_file(raw: Path) -> None:
    (raw / "hulu_titles.csv").unlink()


def remove_ratings(raw: Path) -> None:
    for path in (raw / "ratings").iterdir():
        path.unlink()


def remove_column(raw: Path) -> None:
    path = raw / "netflix_titles.csv"
    path.write_text(path.read_text().replace("release_year", "year", 1))


def empty_file(raw: Path) -> None:
    (raw / "disney_plus_titles.csv").write_bytes(b"")


def header_only(raw: Path) -> None:
    write_rows(raw / "disney_plus_titles.csv", HEADER, [])


def latin_1(raw: Path) -> None:
    path = raw / "amazon_prime_titles.csv"
    path.write_bytes(path.read_text(encoding="utf-8").encode("latin-1"))


def ragged_titles(raw: Path) -> None:
    path = raw / "netflix_titles.csv"
    lines = path.read_text().splitlines()
    lines[3] = lines[3].rsplit(",", 2)[0]
    path.write_text("\n".join(lines) + "\n")


def ragged_ratings(raw: Path) -> None:
    path = raw / "ratings" / "2.csv"
    lines = path.read_text().splitlines()
    lines[4] += ",7"
    path.write_text("\n".join(lines) + "\n")


def unknown_platform(raw: Path) -> None:
    write_rows(raw / "mubi_titles.csv", HEADER, [film(1)])


def append_ratings(raw: Path, *rows: str) -> None:
    with (raw / "ratings" / "1.csv").open("a") as file:
        file.writelines(f"{row}\n" for row in rows)


def out_of_scale(raw: Path) -> None:
    append_ratings(raw, *(f"{user},11,1500000000,ns1" for user in range(100, 120)))


def times_in_two_units(raw: Path) -> None:
    times = (1_500_000_000, 1_500_000_000_000)
    rows = [[user, 4, time, "ns1"] for user in range(100, 105) for time in times]
    write_rows(raw / "ratings" / "3.csv", ["userId", "rating", "timestamp", "movieId"], rows)


def unknown_titles(raw: Path) -> None:
    append_ratings(raw, *(f"{user},4,1500000000,ns999" for user in range(100, 120)))


def year_3021(raw: Path) -> None:
    path = raw / "hulu_titles.csv"
    path.write_text(path.read_text().replace(",2003,", ",3021,"))


CASES: list[tuple[Callable[[Path], None], list[str]]] = [
    (remove_folder, ["raw files", "does not exist"]),
    (remove_file, ["hulu_titles.csv"]),
    (remove_ratings, ["ratings"]),
    (remove_column, ["netflix_titles.csv", "release_year"]),
    (empty_file, ["disney_plus_titles.csv", "empty"]),
    (header_only, ["disney_plus_titles.csv"]),
    (latin_1, ["amazon_prime_titles.csv", "UTF-8"]),
    (ragged_titles, ["netflix_titles.csv", "line 4", "12"]),
    (ragged_ratings, ["2.csv", "line 5", "4"]),
    (unknown_platform, ["mubi_titles.csv", "netflix_titles.csv"]),
    (out_of_scale, ["1.csv", "11", "max_rejected"]),
    (times_in_two_units, ["5 of 10 ratings of ratings/3.csv", "timestamp", "seconds since 1970"]),
    (unknown_titles, ["1.csv", "ns999", "etl.columns.movieId"]),
    (year_3021, ["hulu_titles.csv", "3021", "max_rejected"]),
]


@pytest.mark.parametrize(
    ("spoil", "said_of_it"), CASES, ids=lambda case: getattr(case, "__name__", "")
)
def test_bad_raw_files_are_refused_whole(spoil, said_of_it, raw, fresh):
    spoil(raw)

    status, said = fresh.run("cartelera", "repro", "data=folder", f"data.path='{raw}'")

    assert status != 0, said
    for part in said_of_it:
        assert part in " ".join(said.split()), said
    assert "Traceback" not in said
    assert not (fresh.root / "data" / "clean").exists()
    assert not list((fresh.root).rglob(".draft-*"))


def test_an_unknown_override_is_refused_before_anything_runs(fresh):
    status, said = fresh.run("cartelera", "repro", "search.n_trails=3")

    assert status == 1
    assert "search.n_trails" in said
    assert "Traceback" not in said
    assert not (fresh.root / "dvc.lock").exists()


def test_a_raw_file_that_changes_while_it_is_read_stops_the_run(raw, fresh):
    with (raw / "ratings" / "2.csv").open("a") as file:
        file.writelines(f"{user},4,1500000000,ns1\n" for user in range(1000, 3_000_000))
    process = fresh.start("cartelera", "repro", "data=folder", f"data.path='{raw}'")
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("Running stage 'etl'"):
            break
    time.sleep(0.2)
    changed = fresh.root / "data" / "raw" / "netflix_titles.csv"
    while process.poll() is None and not (fresh.root / "data" / "clean").exists():
        os.utime(changed)
        changed.write_text(changed.read_text() + "\n")
        time.sleep(0.3)

    said = process.stdout.read()

    assert process.wait() != 0, said
    assert "netflix_titles.csv" in said
    assert "changed" in said
    assert not (fresh.root / "data" / "clean").exists()
