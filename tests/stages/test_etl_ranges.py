"""However ratings are parted for cleaning, what is written is the same to the byte."""

import gzip
import re
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cartelera import columns as c
from cartelera.config import compose
from cartelera.config_types import Executor, ExecutorConfig
from cartelera.paths import Paths
from cartelera.platforms import PUBLISHED
from cartelera.raw_csv import Reading
from cartelera.stages import etl
from cartelera.stages.etl_ratings import Rules, clean_by_range

CATALOGUE = "show_id,type,title,director,cast,country,date_added,release_year,rating,duration,listed_in,description"
HEADER = "userId,rating,timestamp,movieId"
SHOW_IDS = {"amazon": "s1 s2 s3", "disney": "s1 s2 s7", "hulu": "s1 s8", "netflix": "s1 s2 s9"}


@pytest.fixture
def paths(tmp_path):
    """Every kind of file there is, and every flaw of a row."""
    paths = Paths(tmp_path)
    (paths.raw / c.RATINGS_FOLDER).mkdir(parents=True)
    for platform, ids in SHOW_IDS.items():
        rows = [
            f"{each},Movie,{each} {platform},,,,,2015,PG,90 min,Drama,Text" for each in ids.split()
        ]
        (paths.raw / PUBLISHED.files[platform]).write_text("\n".join([CATALOGUE, *rows, ""]))
    for name, content in rating_files().items():
        path = paths.raw / c.RATINGS_FOLDER / name
        if isinstance(content, pd.DataFrame):
            content.to_parquet(path, index=False)
        else:
            path.write_bytes(content)
    return paths


def rating_files() -> dict[str, bytes | pd.DataFrame]:
    plain = [*lines(0), "x,4,100,as1", "7,9,100,as1", " 7 ,4,100,zs1", "7.0,4,soon,as1", ",4,5,as1"]
    quoted = [f'"{row.replace(",", chr(34) + ";" + chr(34))}"' for row in lines(1)]
    in_milliseconds = [row.replace("1500000", "1500000000") for row in lines(2)]
    frame = pd.DataFrame([row.split(",") for row in lines(4)], columns=HEADER.split(","))
    return {
        "1.csv": text(HEADER, *plain, HEADER, *lines(10)),
        "2.csv": text(HEADER.replace(",", ";"), *quoted[:90], "", '"9";"4";"1500000100"; "as1"'),
        "3.csv.gz": gzip.compress(text(HEADER, *in_milliseconds), mtime=0),
        "4.csv": text("movieId,stars,userId,time", *(backwards(row) for row in lines(3))),
        "5.parquet": frame.astype({"userId": "float64", "rating": "float64", "timestamp": "int64"}),
        "6.csv": text(HEADER, *(re.sub(",[adhn]s", ",s", row) for row in lines(5))),
        "7.csv": text(HEADER, *lines(6), ended="\r\n"),
        "8.csv": text(
            HEADER, *lines(7)[:20], "5,4,2017-07-14T02:40:00Z,as1,", "6,4,2017-07-14,ns1"
        ),
        "9.csv": text(HEADER, *lines(8), "12,4,1500000000,ñs1"),
        "feedback-1.csv": text(
            HEADER, *lines(11), "5,deleted,1500000500,", *lines(12), "2,deleted,9,"
        ),
        "feedback-2.csv": text(
            HEADER, "5,4.5,1500000900,as2", "3,deleted,1500000500,", "3,1,7,as1"
        ),
    }


def lines(seed: int) -> list[str]:
    """Give 100 ratings of few users and titles, so that many are said repeatedly."""
    rng = np.random.default_rng(seed)
    draws = zip(
        rng.integers(1, 30, 100),
        rng.integers(1, 11, 100) / 2,
        rng.integers(0, 999, 100),
        strict=True,
    )
    ids = rng.choice(["as1", "as2", "ns1", "ns9", "ds7", "hs8"], 100)
    return [
        f"{user},{stars},1500000{second:03},{title}"
        for (user, stars, second), title in zip(draws, ids, strict=True)
    ]


def backwards(row: str) -> str:
    user, stars, time, title = row.split(",")
    return f"{title.upper()},{stars},{user},{time}"


def text(*rows: str, ended: str = "\n") -> bytes:
    return "".join(row + ended for row in rows).encode()


def outcome(paths: Paths, *overrides: str) -> dict[str, bytes]:
    etl.run(compose(["etl.max_rejected=0.9", *overrides]), paths)
    written = [*paths.clean.iterdir(), *paths.reports.iterdir()]
    return {path.name: path.read_bytes() for path in written}


@pytest.mark.parametrize("options", ["executor.range_mb=0.001", "executor.range_mb=0.00003"])
def test_any_number_of_ranges_writes_the_same_bytes(paths, caplog, options):
    whole = outcome(paths)
    said = list(caplog.messages)
    caplog.clear()

    in_ranges = outcome(paths, options, "executor.n_workers=1")

    assert in_ranges == whole
    assert caplog.messages == said
    assert len(pd.read_parquet(paths.clean_ratings)) > 100
    assert len(pd.read_csv(paths.clean / "rejected_ratings.csv")) > 5


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["1", "2", " 2 ", "2.0", "3", "11", "x", ""]),
        st.sampled_from(["1", "4.5", "9", "deleted"]),
        st.sampled_from(["5", "6", "-", "150000000000"]),
        st.sampled_from(["ns1", "as10", "hs3", "s1"]),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=10, deadline=None)
@given(files=st.lists(ROWS, min_size=3, max_size=3), range_bytes=st.integers(30, 120))
def test_the_number_of_ranges_changes_nothing(files, range_bytes):
    def cleaned(range_mb: float):
        with TemporaryDirectory() as name:
            folder = Path(name)
            named: dict[str, Path] = {}
            for number, rows in enumerate(files):
                path = folder / f"{'feedback-' if number == 2 else ''}{number}.csv"
                path.write_bytes(text(HEADER, *(",".join(row) for row in rows)))
                named[path.name] = path
            for each in ("out", "drafts"):
                (folder / each).mkdir()
            reading = Reading()
            result = clean_by_range(
                named, RULES, reading, executor(range_mb), folder / "out", folder / "drafts"
            )
            written = {path.name: path.read_bytes() for path in (folder / "out").iterdir()}
            return result, reading.notes.by_file, written

    (whole, *others), (parted, *in_ranges) = cleaned(32), cleaned(range_bytes / 1e6)

    assert in_ranges == others
    assert (parted.n_users, parted.n_titles) == (whole.n_users, whole.n_titles)
    assert parted.account.account() == whole.account.account()
    pd.testing.assert_frame_equal(parted.account.dropped, whole.account.dropped)
    pd.testing.assert_frame_equal(parted.account.rejected, whole.account.rejected)


RULES = Rules(
    known_titles=pd.Series(["ns1", "as10"], dtype="str"),
    show_ids=pd.Series(["s1", "s10"], dtype="str"),
    rating_min=0.5,
    rating_max=5,
    rating_step=0.5,
    now=2e9,
    received={"feedback-2.csv"},
    doubted={"feedback-2.csv"},
)


def executor(range_mb: float) -> ExecutorConfig:
    return ExecutorConfig(name=Executor.local, address=None, n_workers=1, range_mb=range_mb)
