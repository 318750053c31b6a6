"""The services of compose.yaml, each started on this machine with its own settings.

PostgreSQL is Debian's, the S3-compatible store is moto's; the rest is what the containers run. The
pipeline trains against them, and the service serves the champion of that registry.
"""

import os
import re
import secrets
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
import yaml
from mlflow import MlflowClient

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("postgresql")]

BUCKET = "cartelera"
MODEL = "cartelera-svd"
N_TRIALS = 3
SMALL = [
    *(
        "search=quick",
        f"search.n_trials={N_TRIALS}",
        f"search.ranking.n_trials={N_TRIALS}",
        "eda.n_permutations=99",
    ),
    *("data.n_titles=500", "data.n_users=250", "data.n_ratings=15000"),
    *("evaluate.n_bootstrap=100", "evaluate.drift_permutations=99"),
]


@dataclass
class Stack:
    """The services of compose.yaml, with this machine's addresses in the place of theirs."""

    services: dict[str, Any]
    addresses: dict[str, str]
    folder: Path
    run_command: Callable[..., str]
    start_command: Callable[..., Any]

    def environment(self, name: str) -> dict[str, str]:
        """Give the variables that have a value; those without one come from outside, if at all."""
        listed = self.services[name].get("environment", {})
        return {name: self.here(value) for name, value in listed.items() if value is not None}

    def command(self, name: str) -> list[str]:
        return [self.here(word) for word in self.services[name]["command"]]

    def here(self, text: str) -> str:
        for there, address in self.addresses.items():
            text = text.replace(there, address)
        return text

    def run(self, name: str, *more: str) -> str:
        """Run a one-shot service to its end."""
        command = [*self.command(name), *more]
        return self.run_command(*command, folder=self.folder, **self.environment(name))

    def start_mlflow(self) -> Any:
        """Start the server and wait until it answers."""
        address = self.here("http://mlflow:5000")
        server = self.start_command(address, *self.command("mlflow"), **self.environment("mlflow"))
        server.wait_until("/health")
        return server

    @property
    def store(self) -> Any:
        environment = self.environment("mlflow")
        return boto3.client(
            "s3",
            endpoint_url=environment["MLFLOW_S3_ENDPOINT_URL"],
            aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
            region_name=environment["AWS_DEFAULT_REGION"],
        )

    def empty_store(self) -> None:
        for found in self.store.list_objects_v2(Bucket=BUCKET)["Contents"]:
            self.store.delete_object(Bucket=BUCKET, Key=found["Key"])
        self.store.delete_bucket(Bucket=BUCKET)

    @property
    def registry(self) -> MlflowClient:
        address = self.here("http://mlflow:5000")
        return MlflowClient(address, address)

    def champion_files(self, folder: Path) -> dict[str, bytes]:
        """Download the champion from the registry."""
        champion = self.registry.get_model_version_by_alias(MODEL, "champion")
        environment = os.environ | {"MLFLOW_TRACKING_URI": self.here("http://mlflow:5000")}
        command = ["mlflow", "artifacts", "download", "--artifact-uri"]
        command += [f"models:/{MODEL}/{champion.version}", "--dst-path", str(folder)]
        subprocess.run(command, env=environment, check=True, capture_output=True)
        return contents(folder)


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def read_compose(path: Path, variables: dict[str, str]) -> dict[str, Any]:
    """Read the file as a container engine does: its variables filled in, none of them missing."""
    filled = re.sub(r"\$\{(\w+):\?[^}]*\}", lambda found: variables[found[1]], path.read_text())
    assert "${" not in filled
    return yaml.safe_load(filled)["services"]


@pytest.fixture(scope="module")
def stack(
    repository: Path,
    postgresql,
    tmp_path_factory: pytest.TempPathFactory,
    start_for_all,
    start_s3,
    free_ports,
    run,
) -> Stack:
    folder = tmp_path_factory.mktemp("stack")
    example = (repository / "deploy" / ".env.example").read_text()
    names = re.findall(r"^(\w+)=$", example, re.MULTILINE)
    services = read_compose(
        repository / "deploy" / "compose.yaml", {name: secrets.token_hex(12) for name in names}
    )
    (mlflow_port,) = free_ports(1)
    addresses = {
        "database:5432": f"127.0.0.1:{postgresql.port}",
        "http://store:7070": start_s3(start_for_all),
        "http://mlflow:5000": f"http://127.0.0.1:{mlflow_port}",
        "127.0.0.1:5000": f"127.0.0.1:{mlflow_port}",
        "--port=5000": f"--port={mlflow_port}",
        "0.0.0.0": "127.0.0.1",
        "/srv/": f"{folder}/",
    }
    (folder / "work").mkdir()
    stack = Stack(services, addresses, folder, run, start_for_all)
    make_databases(postgresql, stack, repository)
    stack.run("bucket")
    return stack


@pytest.fixture(scope="module")
def mlflow(stack: Stack) -> Any:
    return stack.start_mlflow()


@pytest.fixture(scope="module")
def trained(stack: Stack, mlflow: Any) -> Stack:
    """Train, register, promote and publish."""
    stack.run("pipeline", *SMALL)
    return stack


def make_databases(postgresql, stack: Stack, repository: Path) -> None:
    """Do what the image of PostgreSQL does at its first start."""
    login = stack.environment("database")
    user, password = login["POSTGRES_USER"], login["POSTGRES_PASSWORD"]
    postgresql.sql(f"CREATE ROLE {user} LOGIN SUPERUSER PASSWORD '{password}'")
    postgresql.sql(f"CREATE DATABASE {login['POSTGRES_DB']} OWNER {user}")
    postgresql.sql((repository / "deploy" / "study_database.sql").read_text())


@pytest.fixture(scope="module")
def service(trained: Stack, start_for_all, free_ports) -> httpx.Client:
    """Start the published release as the service's container does."""
    (port,) = free_ports(1)
    environment = trained.environment("service")
    entrypoint = Path(environment["BENTO_PATH"]) / "env" / "docker" / "entrypoint.sh"
    address = {"BENTOML_HOST": "127.0.0.1", "BENTOML_PORT": str(port)}
    url = f"http://127.0.0.1:{port}"
    start_for_all(url, "bash", str(entrypoint), **environment, **address).wait_until("/readyz")
    return httpx.Client(base_url=url, timeout=30)


def test_the_service_serves_the_champion_of_the_registry(trained: Stack, service: httpx.Client):
    champion = trained.registry.get_model_version_by_alias(MODEL, "champion")
    model = service.get("/api/model").json()
    assert (model["name"], model["version"]) == (MODEL, champion.version)
    assert service.get("/api/recommend", params={"user_id": 1, "k": 3}).json()["titles"]


def test_the_served_model_is_the_registrys_to_the_last_byte(trained: Stack, tmp_path: Path):
    registered = contents_by_name(trained.champion_files(tmp_path), "factors.safetensors")
    served = contents_by_name(
        contents(trained.folder / "published" / "bento" / "src" / "bundle"), "factors.safetensors"
    )
    assert served
    assert served <= registered


def contents_by_name(files: dict[str, bytes], name: str) -> set[bytes]:
    return {content for path, content in files.items() if Path(path).name == name}


def test_artifacts_are_in_the_store_and_trials_in_the_database(trained: Stack, postgresql):
    keys = [found["Key"] for found in trained.store.list_objects_v2(Bucket=BUCKET)["Contents"]]
    assert any(key.startswith("mlflow/") and key.endswith("factors.safetensors") for key in keys)
    done = "SELECT count(*) FROM trials WHERE state IN ('COMPLETE', 'PRUNED')"
    assert postgresql.sql(done, "study") == str(2 * N_TRIALS), "a study a model"
    assert not list((trained.folder / "work").glob("optuna.journal*"))
    assert not (trained.folder / "work" / "mlflow.db").exists()


def test_no_password_is_written_down(trained: Stack):
    secret = {
        value
        for name in trained.services
        for variable, value in trained.environment(name).items()
        if variable.endswith(("PASSWORD", "SECRET_ACCESS_KEY"))
    }
    left = [trained.folder / "work" / name for name in ("params.yaml", "dvc.lock")]
    left += [path for path in (trained.folder / "published").rglob("*") if path.is_file()]
    assert secret
    assert not [path for path in left for word in secret if word.encode() in path.read_bytes()]


def test_mlflow_answers_to_the_names_it_is_known_by_only(trained: Stack):
    address = trained.here("http://mlflow:5000")
    experiments = "/api/2.0/mlflow/experiments/search"
    for host, status in (("mlflow:5000", 200), ("elsewhere.example", 403)):
        answer = httpx.post(
            address + experiments, json={"max_results": 1}, headers={"Host": host}, timeout=30
        )
        assert answer.status_code == status, host


def test_the_pipeline_started_again_does_nothing_twice(trained: Stack):
    said = trained.run("pipeline", *SMALL)
    ran = re.findall(r"Running stage '(\w+)'", said)
    assert "search" not in ran
    assert "train" not in ran
    assert len(trained.registry.search_model_versions(f"name = '{MODEL}'")) == 1


def test_what_is_lost_comes_back_from_the_backup(
    trained: Stack, mlflow: Any, postgresql, run, tmp_path: Path
):
    """Lose the databases, the store and the feedback; restore them as the documentation says."""
    environment = {**trained.environment("mlflow"), "PGPASSWORD": postgresql.password}
    backup = tmp_path / "backup"
    feedback = trained.folder / "feedback"
    databases = ("mlflow", "study")

    def postgres(program: str, *arguments: str) -> None:
        server = ["-h", "127.0.0.1", "-p", str(postgresql.port), "-U", "postgres"]
        command = [str(postgresql.programs / program), *server, *arguments]
        run(*command, folder=tmp_path, **environment)

    def copy_store(*arguments: str) -> None:
        run("python", "deploy/copy_store.py", *arguments, folder=tmp_path, **environment)

    feedback.mkdir(exist_ok=True)
    (feedback / "ratings.csv").write_text("userId,rating,timestamp,movieId\n1,5.0,1,ns1\n")
    kept = (trained.champion_files(tmp_path / "before"), contents(feedback), best_of(postgresql))

    backup.mkdir()
    for database in databases:
        postgres("pg_dump", "--format=custom", f"--file={backup / database}.dump", database)
    copy_store("save", BUCKET, str(backup / "store"))
    shutil.copytree(feedback, backup / "feedback")

    mlflow.kill()
    for database in databases:
        postgres("dropdb", "--force", database)
    trained.empty_store()
    shutil.rmtree(feedback)

    for database in databases:
        dump = str(backup / f"{database}.dump")
        postgres("createdb", "--owner=cartelera", database)
        postgres("pg_restore", "--no-owner", "--role=cartelera", "-d", database, dump)
    trained.run("bucket")
    copy_store("load", str(backup / "store"), BUCKET)
    shutil.copytree(backup / "feedback", feedback)

    trained.start_mlflow()
    restored = (trained.champion_files(tmp_path / "after"), contents(feedback))
    assert (*restored, best_of(postgresql)) == kept


def best_of(postgresql) -> str:
    return postgresql.sql("SELECT count(*), min(value) FROM trial_values", "study")
