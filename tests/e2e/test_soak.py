"""Load, kills, a full disk, a clock set back and a retraining, all at once: nothing breaks."""

import shutil

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("pipeline")]

SECONDS, PER_SECOND = 80, 20


def test_nothing_breaks_or_gets_lost_whatever_is_done_to_the_service(finished, tmp_path):
    shutil.copytree(finished.root, tmp_path / "cartelera", symlinks=True)
    project = type(finished)(tmp_path / "cartelera")
    options = ["--soak", SECONDS, "--rate", PER_SECOND, "--workers", 2, "--project", project.root]

    status, said = project.run("python", "benchmarks/bench_serve.py", "--quick", *map(str, options))

    assert status == 0, said
    for done in ("worker killed", "master killed", "disk full", "clock set back", "retrained"):
        assert done in said
