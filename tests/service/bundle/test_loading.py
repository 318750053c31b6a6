"""Which received ratings count beside those of a bundle."""

import shutil
from dataclasses import asdict
from pathlib import Path

import pandas as pd
import pytest

from cartelera import columns as c
from cartelera import files
from cartelera.received import Position
from cartelera.service.answering.answers import Answers
from cartelera.service.answering.feedback import FIRST_SEGMENT, FeedbackLog
from cartelera.service.answering.seen import SeenTitles
from cartelera.service.bundle.layout import TAKEN_IN_KEY, Bundle
from cartelera.service.bundle.loading import load


def rated(answers: Answers) -> dict[str, float]:
    return {line.title.title_id: line.rating for line in answers.user(3, k=20).liked}


@pytest.fixture
def newer(tmp_path: Path, bundle: Bundle, seen: pd.DataFrame, feedback_folder: Path) -> Bundle:
    """What is packaged after user 3 rated ns2 here; another source has a later rating of it."""
    load(bundle, FeedbackLog(feedback_folder)).rate(3, "ns2", 2.0)
    path = feedback_folder / FIRST_SEGMENT
    with path.open("rb") as file:
        taken_in = Position.at(path.name, file, path.stat().st_size)

    newer = Bundle(tmp_path / "newer")
    shutil.copytree(bundle.root, newer.root)
    row = pd.DataFrame({c.USER_ID: [3], c.TITLE_ID: ["ns2"], c.RATING: [2.5]})
    SeenTitles.from_frame(pd.concat([seen, row])).write(newer.seen)
    files.write_json(newer.received, {TAKEN_IN_KEY: [asdict(taken_in)]})
    files.write_json(newer.manifest, newer.digests())
    return newer


def test_each_bundle_counts_what_came_after_it_was_made(
    bundle: Bundle, newer: Bundle, feedback_folder: Path
):
    log = FeedbackLog(feedback_folder)
    before = load(bundle, log)
    now = load(newer, log)
    assert rated(before) == {"ns1": 5.0, "ds1": 4.0, "ns2": 2.0}
    assert rated(now) == {"ns1": 5.0, "ds1": 4.0, "ns2": 2.5}

    now.rate(3, "hs1", 3.0)
    rolled_back = load(bundle, log)
    assert rated(now) == {"ns1": 5.0, "ds1": 4.0, "hs1": 3.0, "ns2": 2.5}
    assert rated(before) == rated(rolled_back) == {**rated(now), "ns2": 2.0}


def test_a_bundle_that_says_nothing_of_received_ratings_counts_all_of_them(
    newer: Bundle, feedback_folder: Path
):
    newer.received.unlink()
    files.write_json(newer.manifest, newer.digests())
    assert rated(load(newer, FeedbackLog(feedback_folder)))["ns2"] == 2.0
