"""The Kubernetes manifest: what it must say to be safe, and that its parts fit together."""

from pathlib import Path
from typing import Any

import pytest
import yaml

MANIFEST = Path(__file__).parents[2] / "deploy" / "kubernetes.yaml"
Document = dict[str, Any]


@pytest.fixture(scope="module")
def documents() -> list[Document]:
    return list(yaml.safe_load_all(MANIFEST.read_text()))


@pytest.fixture(scope="module")
def deployment(documents: list[Document]) -> Document:
    return only(documents, "Deployment")


@pytest.fixture(scope="module")
def pods(documents: list[Document], deployment: Document) -> list[Document]:
    retraining = only(documents, "CronJob")["spec"]["jobTemplate"]
    return [deployment["spec"]["template"]["spec"], retraining["spec"]["template"]["spec"]]


def only(documents: list[Document], kind: str) -> Document:
    (found,) = [document for document in documents if document["kind"] == kind]
    return found


def test_containers_have_no_rights_and_limited_memory(pods: list[Document]):
    for pod in pods:
        assert pod["securityContext"]["runAsNonRoot"]
        assert pod["automountServiceAccountToken"] is False
        for container in pod["containers"]:
            rights = container["securityContext"]
            assert rights["readOnlyRootFilesystem"]
            assert not rights["allowPrivilegeEscalation"]
            assert rights["capabilities"] == {"drop": ["ALL"]}
            assert container["resources"]["limits"]["memory"]


def test_the_service_is_probed_and_never_without_a_ready_replica(
    documents: list[Document], deployment: Document
):
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    probed = {
        name: container[f"{name}Probe"]["httpGet"]["path"] for name in ("readiness", "liveness")
    }
    assert probed == {"readiness": "/readyz", "liveness": "/livez"}
    assert container["startupProbe"]["httpGet"]["path"] == "/readyz"
    assert deployment["spec"]["replicas"] == 2
    assert deployment["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    scaler = only(documents, "HorizontalPodAutoscaler")["spec"]
    assert scaler["scaleTargetRef"]["name"] == deployment["metadata"]["name"]
    assert scaler["minReplicas"] >= 2


def test_the_service_opens_no_connection_and_answers_on_its_port_alone(
    documents: list[Document], deployment: Document
):
    policy = only(documents, "NetworkPolicy")["spec"]
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    assert policy["policyTypes"] == ["Ingress", "Egress"]
    assert "egress" not in policy
    assert policy["ingress"] == [{"ports": [{"port": container["ports"][0]["name"]}]}]


def test_the_key_of_the_service_is_a_secret(deployment: Document):
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    (key,) = [each for each in container["env"] if each["name"] == "CARTELERA_API_KEY"]
    assert not key["valueFrom"]["secretKeyRef"].get("optional")
    assert "value" not in key


def test_selectors_find_the_services_pods_and_no_others(
    documents: list[Document], deployment: Document
):
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    retraining = only(documents, "CronJob")["spec"]["jobTemplate"]["spec"]["template"]
    selectors = [
        deployment["spec"]["selector"]["matchLabels"],
        only(documents, "Service")["spec"]["selector"],
        only(documents, "PodDisruptionBudget")["spec"]["selector"]["matchLabels"],
        only(documents, "NetworkPolicy")["spec"]["podSelector"]["matchLabels"],
    ]
    for selector in selectors:
        assert selector.items() <= labels.items()
        assert not selector.items() <= retraining["metadata"]["labels"].items()


def test_every_mount_has_its_volume_and_every_volume_its_claim(
    documents: list[Document], pods: list[Document]
):
    claims = {
        each["metadata"]["name"] for each in documents if each["kind"] == "PersistentVolumeClaim"
    }
    claimed: set[str] = set()
    for pod in pods:
        volumes = {volume["name"] for volume in pod["volumes"]}
        mounts = {mount["name"] for each in pod["containers"] for mount in each["volumeMounts"]}
        assert mounts == volumes
        claimed |= {
            volume["persistentVolumeClaim"]["claimName"]
            for volume in pod["volumes"]
            if "persistentVolumeClaim" in volume
        }
    assert claimed == claims


def test_no_secret_is_written_here(documents: list[Document], pods: list[Document]):
    assert not [each for each in documents if each["kind"] == "Secret"]
    for pod in pods:
        for container in pod["containers"]:
            for variable in container.get("env", []):
                if "PASSWORD" in variable["name"]:
                    assert "secretKeyRef" in variable["valueFrom"]


def test_the_service_serves_what_the_retraining_publishes(pods: list[Document]):
    (served,), (trained,) = (pod["containers"] for pod in pods)
    path = variables(served)["BENTO_PATH"]
    assert path == variables(trained)["CARTELERA_PUBLISHED"]
    assert Path(path).is_relative_to("/srv/published")


def variables(container: Document) -> dict[str, str]:
    return {each["name"]: each.get("value", "") for each in container["env"]}
