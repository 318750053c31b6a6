"""The memory limits in `deploy/` beside the measured sizes in docs/deployment.md."""

import re
from pathlib import Path

import pytest
import yaml

REPOSITORY = Path(__file__).parents[2]
MIB = 1.048576  # megabytes


@pytest.fixture(scope="module")
def guide() -> str:
    return (REPOSITORY / "docs" / "deployment.md").read_text()


@pytest.fixture(scope="module")
def needed_mb(guide: str) -> float:
    """What the container needs at 115,000 users x 100 factors while it takes a new model."""
    rows = re.findall(r"^\| ([\d,]+) \| .* \| ([\d,]+) MB \| [\d,]+ MB \|$", guide, re.MULTILINE)
    workers = {users: float(worker.replace(",", "")) for users, worker in rows}
    watching = re.search(r"Add (\d+) MB for the process that watches", guide)
    assert watching is not None
    growth = workers["115,000"] - workers["1,000"]
    return workers["115,000"] + growth + float(watching[1])


def test_the_service_in_compose_has_room_for_the_second_row(needed_mb: float):
    service = yaml.safe_load((REPOSITORY / "deploy/compose.yaml").read_text())["services"][
        "service"
    ]
    gib = re.fullmatch(r"(\d+)g", service["mem_limit"])
    assert gib is not None
    assert int(gib[1]) * 1024 * MIB > 1.25 * needed_mb


def test_the_service_in_kubernetes_has_room_for_the_second_row(needed_mb: float):
    documents = yaml.safe_load_all((REPOSITORY / "deploy/kubernetes.yaml").read_text())
    (deployment,) = [each for each in documents if each["kind"] == "Deployment"]
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    gib = re.fullmatch(r"(\d+)Gi", container["resources"]["limits"]["memory"])
    assert gib is not None
    assert int(gib[1]) * 1024 * MIB > 1.25 * needed_mb


def test_the_container_run_by_hand_is_as_large(guide: str):
    assert "--memory 2g" in guide
