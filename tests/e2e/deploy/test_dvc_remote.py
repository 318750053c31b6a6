"""What the pipeline made travels through a DVC remote: a folder, and an S3-compatible store."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import boto3
import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("pipeline")]

LOGIN = {"AWS_ACCESS_KEY_ID": "tester", "AWS_SECRET_ACCESS_KEY": "not-so-secret"}


def dvc(project, *arguments: str) -> None:
    status, said = project.run("dvc", *arguments)
    assert status == 0, said


def without_results(project, root: Path):
    """Copy a project as a colleague has it: code, settings and dvc.lock, but no results."""
    left_out = shutil.ignore_patterns("data", "cache", "tmp", "mlartifacts", "__pycache__")
    shutil.copytree(project.root, root, ignore=left_out)
    return replace(project, root=root)


def kept_by_dvc(contents: dict[str, bytes]) -> dict[str, bytes]:
    """Leave out what is no result: compiled code, the page in git, what spares a second fit."""
    beside = ("data/README.md", "data/model/contest.json", "data/model/rival/")
    return {
        name: content
        for name, content in contents.items()
        if not name.endswith(".pyc") and not name.startswith(beside)
    }


def travels(finished, tmp_path: Path, *remote: list[str]) -> None:
    """Push from a copy of a finished project, pull into another, and compare every byte."""
    here = finished.copy(tmp_path / "here")
    there = without_results(finished, tmp_path / "there")
    for project in (here, there):
        for arguments in remote:
            dvc(project, "remote", *arguments)
    dvc(here, "push")
    dvc(there, "pull")
    assert kept_by_dvc(there.contents("data")) == kept_by_dvc(finished.contents("data"))


def test_results_travel_through_a_folder(finished, tmp_path: Path):
    travels(finished, tmp_path, ["add", "--default", "store", str(tmp_path / "store")])


def test_results_travel_through_an_s3_compatible_store(
    finished,
    tmp_path: Path,
    start,
    start_s3: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
):
    for name, value in LOGIN.items():
        monkeypatch.setenv(name, value)
    url = start_s3(start)
    boto3.client("s3", endpoint_url=url, region_name="us-east-1").create_bucket(Bucket="team")
    travels(
        finished,
        tmp_path,
        ["add", "--default", "store", "s3://team/cartelera"],
        ["modify", "store", "endpointurl", url],
    )


def test_a_remote_out_of_reach_is_said_and_leaves_the_results_alone(finished, tmp_path: Path):
    here = finished.copy(tmp_path / "here")
    in_the_way = tmp_path / "store"
    in_the_way.write_text("a file, not a folder")
    dvc(here, "remote", "add", "--default", "store", str(in_the_way))
    status, _ = here.run("dvc", "push")
    assert status != 0
    assert here.contents("data") == finished.contents("data")
