"""A run killed in any stage and started again ends as an undisturbed run does.

Two copies of the project are compared: the same bytes and numbers are also those of any copy.
"""

import json

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("pipeline")]

STAGES = [
    "compose",
    "acquire",
    "etl",
    "eda",
    "split",
    "search",
    "train",
    "evaluate",
    "register",
    "package",
]


def test_a_fresh_copy_killed_in_every_stage_in_turn_gives_the_same_bytes_and_numbers(
    finished, fresh
):
    for number, stage in enumerate(STAGES):
        fresh.repro_killed_in(stage, after_s=0.3 + 0.6 * (number % 4))

    fresh.repro()

    for folder in ("data/raw", "data/clean", "data/features", "data/model/factors"):
        assert fresh.contents(folder) == finished.contents(folder)
    ours, theirs = (
        json.loads((project.root / "data/reports/metrics.json").read_text())
        for project in (fresh, finished)
    )
    assert ours == theirs
    assert not list((fresh.root / "data").rglob(".draft-*"))
