"""The built image, run as strictly as an engine can: asked, hurt and stopped.

`make image-test` builds it and sets CARTELERA_IMAGE.
"""

import base64
import json
import logging
import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

logger = logging.getLogger(__name__)

IMAGE = os.environ.get("CARTELERA_IMAGE")
KEY = secrets.token_hex(16)
REPOSITORY = Path(__file__).parents[3]
READY_WITHIN_S = 60

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(
        IMAGE is None or shutil.which("podman") is None,
        reason="no built image: `make image-test` builds one (podman, runc, catatonit, mmdebstrap)",
    ),
]


@pytest.fixture(scope="module")
def user_id() -> int:
    """Nobody the image knows."""
    return 100_000 + secrets.randbelow(60_000)


@pytest.fixture(scope="module")
def container(containers, user_id: int) -> Iterator[Any]:
    started = time.monotonic()
    container = containers.run(
        IMAGE,
        *("--user", f"{user_id}:{user_id}", "--cap-drop", "ALL"),
        *("--security-opt", "no-new-privileges", "--read-only", "--tmpfs", "/tmp"),
        *("--memory", "1g", "--pids-limit", "256"),
    )
    try:
        container.wait_until_ready()
        logger.info("Ready %.1f s after the container's start.", time.monotonic() - started)
        yield container
        assert "Traceback" not in container.log()
    finally:
        container.remove()


WHO_AM_I = """
import json, pathlib
lines = (line.split(":") for line in pathlib.Path("/proc/1/status").read_text().splitlines())
status = {name: value.split()[0] for name, value in lines if value.split()}
try:
    pathlib.Path("/app/written").write_text("")
except OSError as error:
    status["root"] = error.strerror
print(json.dumps(status))
"""


def test_it_runs_with_no_rights_at_all(container, podman, user_id: int):
    status = json.loads(container.python(WHO_AM_I))
    assert status["Uid"] == str(user_id)
    assert int(status["CapEff"], 16) == 0
    assert status["NoNewPrivs"] == "1"
    assert status["root"] == "Read-only file system"
    assert podman("inspect", container.name, "--format", "{{.HostConfig.Memory}}") == str(2**30)


@pytest.mark.parametrize(
    ("endpoint", "question"),
    [
        ("get_max_duration", {"platform": "hulu"}),
        ("get_score_count", {"scored": 3.0}),
        ("get_count_platform", {"platform": "netflix"}),
        ("get_actor", {"platform": "amazon"}),
    ],
)
def test_the_queries_answer(container, endpoint: str, question: dict[str, Any]):
    status, body = container.ask(f"/{endpoint}", question)
    assert status == 200, body
    assert json.loads(body)["found"]


def test_it_recommends(container):
    status, body = container.ask("/recommend", {"user_id": 1, "k": 5})
    assert status == 200, body
    assert len(json.loads(body)["titles"]) == 5


@pytest.mark.parametrize("path", ["/ui/en/", "/ui/es/", "/api/docs", "/metrics", "/livez"])
def test_pages_and_probes_answer(container, path: str):
    assert container.ask(path)[0] == 200


def test_the_image_checks_its_own_health(container, podman):
    podman("healthcheck", "run", container.name)


CONTENTS = """
import json
from importlib import metadata
from pathlib import Path

bento = Path("/home/bentoml/bento")
texts = [path for path in bento.rglob("*") if path.suffix in (".txt", ".in", ".yaml", ".json")]
texts += [*bento.rglob("Dockerfile"), *Path("/app").rglob("direct_url.json")]
bill = json.loads((bento / "src" / "sbom.cdx.json").read_text())
print(json.dumps({
    "installed": {found.name: found.version for found in metadata.distributions()},
    "bill": {part["name"]: part["version"] for part in bill["components"]},
    "said": {str(path): path.read_text(errors="replace") for path in texts},
}))
"""


@pytest.fixture(scope="module")
def contents(container) -> dict[str, Any]:
    return json.loads(container.python(CONTENTS))


def test_it_holds_what_its_bill_of_materials_lists(contents: dict[str, Any]):
    def named(packages: dict[str, str]) -> dict[str, str]:
        return {
            name.lower().replace("_", "-").replace(".", "-"): packages[name] for name in packages
        }

    assert named(contents["installed"]) == named(contents["bill"])


def test_it_holds_nothing_that_only_training_needs(contents: dict[str, Any]):
    unwanted = {
        "mlflow",
        "optuna",
        "dvc",
        "scikit-surprise",
        "numba",
        "scipy",
        "pytest",
        "uv",
        "pip",
    }
    assert not unwanted & contents["installed"].keys()


def test_it_tells_nothing_of_where_it_was_built(contents: dict[str, Any]):
    told = [str(REPOSITORY), os.environ["BENTO"], "--index-url", "--find-links", "--trusted-host"]
    said = contents["said"]
    assert said
    assert not [(path, word) for path, text in said.items() for word in told if word in text]


FIND_WORKER = """
from pathlib import Path
for process in Path("/proc").glob("[0-9]*"):
    if b"_bentoml_impl.worker.service" in (process / "cmdline").read_bytes():
        print(process.name)
"""


def test_a_killed_worker_comes_back(container):
    before = container.python(FIND_WORKER).split()
    assert before
    container.python(f"import os; os.kill({before[0]}, {signal.SIGKILL.value})")
    deadline = time.monotonic() + READY_WITHIN_S
    while before[0] in (now := container.python(FIND_WORKER).split()) or not now:
        assert time.monotonic() < deadline, "no new worker"
    container.wait_until_ready()
    assert container.ask("/get_actor", {})[0] == 200


def test_told_to_end_it_answers_what_it_was_asked_and_ends(containers, podman, user_id: int):
    container = containers.run(
        IMAGE, "--user", f"{user_id}:{user_id}", "--read-only", "--tmpfs", "/tmp"
    )
    question = b'{"user_id": 1, "k": 3}'
    head = (
        b"POST /recommend HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n" % len(question)
    )
    try:
        container.wait_until_ready()
        with container.connect() as asked:
            asked.sendall(head + question[:5])
            time.sleep(0.5)  # it has begun to read
            podman("kill", "--signal", "TERM", container.name)
            told = time.monotonic()
            time.sleep(1)
            asked.sendall(question[5:])
            answer = asked.makefile("rb").read()
        assert answer.startswith(b"HTTP/1.1 200"), answer
        assert podman("wait", container.name) == "0", container.log()
        assert time.monotonic() - told < 10
    finally:
        container.remove()


@pytest.fixture
def pod(containers, podman, tmp_path: Path) -> Iterator[Any]:
    """Play the Deployment of kubernetes.yaml, one replica of it, with the image under test."""
    documents = yaml.safe_load_all((REPOSITORY / "deploy" / "kubernetes.yaml").read_text())
    deployment = next(each for each in documents if each["kind"] == "Deployment")
    deployment["spec"]["replicas"] = 1
    (served,) = deployment["spec"]["template"]["spec"]["containers"]
    served["image"] = IMAGE
    served.pop("ports")  # there is no network to map them to
    # podman would run curl inside for these; they are asked from outside below.
    probes = [served.pop(name) for name in ("startupProbe", "readinessProbe", "livenessProbe")]
    assert {probe["httpGet"]["path"] for probe in probes} == {"/readyz", "/livez"}
    manifest = tmp_path / "pod.yaml"
    manifest.write_text(yaml.safe_dump(deployment))
    # What a Secret's `data` is to Kubernetes, podman reads from a secret of its own.
    secret = tmp_path / "secret.json"
    secret.write_text(json.dumps({"api-key": base64.b64encode(KEY.encode()).decode()}))
    podman("secret", "create", "cartelera", str(secret))
    fill_volume(podman, "cartelera-published", tmp_path)
    try:
        podman("kube", "play", "--network", "none", str(manifest))
        yield containers(f"cartelera-pod-0-{served['name']}")
    finally:
        podman("kube", "down", str(manifest))
        podman("secret", "rm", "cartelera")
        podman("volume", "rm", "--force", "cartelera-published", "cartelera-feedback")


def fill_volume(podman: Callable[..., str], name: str, folder: Path) -> None:
    """Publish the packaged service in a volume, as the retraining does."""
    target = folder / "published" / "bento"
    command = [str(REPOSITORY / "deploy" / "publish.sh"), os.environ["BENTO"], str(target)]
    subprocess.run(command, check=True, capture_output=True)
    archive = shutil.make_archive(str(folder / name), "tar", target.parent)
    podman("volume", "create", name)
    podman("volume", "import", name, archive)


def test_the_pod_of_the_kubernetes_manifest_serves_what_was_published(pod):
    pod.wait_until_ready()
    assert pod.ask("/get_actor", {})[0] == 401
    assert pod.ask("/get_actor", {}, KEY)[0] == 200
    status = json.loads(pod.python(WHO_AM_I))
    assert int(status["CapEff"], 16) == 0
    assert status["root"] == "Read-only file system"
    assert "/srv/published/bento" in pod.log()
