"""What installs the product in containers: the chart by Helm's own engine and Kubernetes' schemas, the compose file."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import helm_python
import kubernetes_validate
import pytest
import yaml
from compose_spec import PyCompose

from muse_site import environment

PROJECT = Path(__file__).resolve().parents[2]
CHART, COMPOSE = PROJECT / "deploy" / "chart", PROJECT / "deploy" / "compose.yaml"
KUBERNETES = ("1.30", "1.37")  # the chart's oldest, and the newest whose schemas are here
VALUES = {
    "existingSecret": "muse-secrets",
    "hosts": ["muse.example.com"],
    "lake": "s3://risk/lake",
    "files": "s3://risk/files",
    "settings": {"MUSE_S3_ENDPOINT": "https://s3.example.com", "MUSE_RETENTION_DAYS": 90},
}
TEXTS = {
    "REDIS_URL_FILE": "redis://cache/0",
    "DATABASE_URL_FILE": "postgresql://db/muse",
    "DATABASE_OWNER_URL_FILE": "postgresql://db/muse",
}
Manifest = dict[str, Any]


def rendered(**values: Any) -> dict[tuple[str, str], Manifest]:
    """The chart's manifests by kind and name, as `helm template muse` gives them."""
    with helm_python.Chart.load(CHART) as chart:
        texts = chart.render(VALUES | values, name="muse", namespace="risk")
    found = [each for text in texts.values() for each in yaml.safe_load_all(text) if each]
    return {(each["kind"], each["metadata"]["name"]): each for each in found}


def pods(manifests: dict[tuple[str, str], Manifest]) -> Iterator[tuple[str, Manifest]]:
    for (_, name), each in manifests.items():
        if "template" in each["spec"]:
            yield name, each["spec"]["template"]["spec"]


def containers(pod: Manifest) -> list[Manifest]:
    return [*pod.get("initContainers", []), *pod["containers"]]


def variables(container: Manifest) -> dict[str, str]:
    return {each["name"]: each.get("value", "") for each in container["env"]}


@pytest.mark.parametrize("version", KUBERNETES)
@pytest.mark.parametrize(
    "values", [{}, {"scoring": {"autoscaling": {"enabled": False}}}, {"s3Keys": False, "serviceAccountName": "muse"}]
)
def test_chart__its_manifests__are_what_kubernetes_knows(values: dict[str, Any], version: str) -> None:
    manifests = rendered(**values)
    for each in manifests.values():
        kubernetes_validate.validate(each, version, strict=True)
    kinds = sorted(kind for kind, _ in manifests)
    scaled = [] if values.get("scoring") else ["HorizontalPodAutoscaler"]
    deployments, budgets, services = ["Deployment"] * 4, ["PodDisruptionBudget"] * 2, ["Service"] * 3
    assert kinds == sorted([*deployments, *scaled, "Job", *budgets, *services, "StatefulSet"])


def test_chart__values_that_say_too_little__are_refused_by_name() -> None:
    with pytest.raises(helm_python.HelmError) as refused, helm_python.Chart.load(CHART) as chart:
        chart.render({}, name="muse")
    assert all(name in str(refused.value) for name in ("existingSecret", "hosts", "lake", "files"))
    with pytest.raises(helm_python.HelmError, match="lake"):
        rendered(lake="/mnt/lake")


def test_chart__by_helms_lint__has_nothing_wrong() -> None:
    found = helm_python.lint(CHART, VALUES)
    assert found["errors"] == []
    assert [each["error"] for each in found["messages"]] == ["icon is recommended"]


def test_chart__its_containers__run_as_nobody_on_a_root_that_cannot_be_written() -> None:
    for name, pod in pods(rendered()):
        assert (pod["securityContext"]["runAsNonRoot"], pod["automountServiceAccountToken"]) == (True, False), name
        for each in containers(pod):
            assert each["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }, name
            assert {mount["mountPath"] for mount in each["volumeMounts"]} == {"/data", "/tmp", "/run/secrets/muse"}
            assert set(each["resources"]) == {"requests", "limits"}, name


def test_chart__the_owners_address__is_given_to_migrations_alone() -> None:
    for name, pod in pods(rendered()):
        (secret,) = [volume["secret"] for volume in pod["volumes"] if "secret" in volume]
        keys = {item["key"] for item in secret["items"]}
        assert ("database_owner_url" in keys) == (name == "muse-migrations"), name
        for each in containers(pod):
            given = {value.rpartition("/")[2] for label, value in variables(each).items() if label.endswith("_FILE")}
            assert given == keys, name


def test_chart__its_settings__are_settings_of_the_product(tmp_path: Path) -> None:
    for _, pod in pods(rendered()):
        for each in containers(pod):
            found = variables(each)
            for name in [name for name in found if name.endswith("_FILE")]:
                secret = tmp_path / name
                secret.write_text(
                    "redis://h/0" if "REDIS" in name else "postgresql://h/d" if "DATABASE" in name else "x"
                )
                found[name] = str(secret)
            read = environment.read(found)
            assert (read["MUSE_LAKE"], read["MUSE_RETENTION_DAYS"]) == ("s3://risk/lake", 90)
            assert read["MUSE_ALLOWED_HOSTS"] == ["muse.example.com", "localhost"]


def test_chart__scoring_and_its_consumer__share_a_volume_and_a_slot_that_stay() -> None:
    manifests = rendered()
    scoring = manifests["StatefulSet", "muse-scoring"]["spec"]
    (consumer,), (server,) = (scoring["template"]["spec"][each] for each in ("initContainers", "containers"))
    assert (consumer["restartPolicy"], server["args"]) == ("Always", ["up", "--only", "scoring"])
    assert "consume_events --finish" in consumer["args"][0]
    slots = [each for one in (consumer, server) for each in one["env"] if each["name"] == "MUSE_MACHINE_SLOT"]
    assert [each["valueFrom"]["fieldRef"]["fieldPath"] for each in slots] == ["metadata.name"] * 2
    assert [each["metadata"]["name"] for each in scoring["volumeClaimTemplates"]] == ["data"]
    assert "replicas" not in scoring  # the autoscaler's
    scaler = manifests["HorizontalPodAutoscaler", "muse-scoring"]["spec"]
    assert scaler["scaleTargetRef"]["name"] == "muse-scoring"
    for kind, name in manifests:
        if kind in ("Service", "PodDisruptionBudget"):
            chosen = manifests[kind, name]["spec"]["selector"]
            labels = chosen.get("matchLabels", chosen)
            assert labels["app.kubernetes.io/component"] == name.split("-")[1]


def composed() -> Manifest:
    """The compose file, its parts put together, with the defaults of what its user may set."""
    found: Manifest = yaml.safe_load(re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", COMPOSE.read_text()))
    del found["x-muse"]
    return found


def test_compose__its_text__is_what_the_specification_knows() -> None:
    read = PyCompose.from_yaml(yaml.safe_dump(composed())).to_spec()
    assert read.services is not None
    assert read.services.keys() == composed()["services"].keys()


def test_compose__its_services__use_what_is_declared_and_are_bounded_as_the_charts() -> None:
    found = composed()
    for name, service in found["services"].items():
        assert set(service.get("secrets", [])) <= set(found["secrets"]), name
        assert {each.partition(":")[0] for each in service["volumes"] if each[0] != "."} <= set(found["volumes"]), name
        assert set(service.get("depends_on", {})) <= set(found["services"]), name
        if name in ("postgres", "valkey"):
            continue
        assert (service["read_only"], service["cap_drop"], service["user"]) == (True, ["ALL"], "10001:10001"), name
        assert ("database_owner_url" in service["secrets"]) == (name == "migrations")
        known = {each.name for each in environment.VARIABLES}
        assert {each.removesuffix("_FILE") for each in service["environment"]} <= known, name


@pytest.mark.parametrize("where", ["chart", "compose"])
def test_commands__of_containers__are_commands_of_the_product(where: str) -> None:
    if where == "compose":
        services = composed()["services"]
        given = [each["command"] for name, each in services.items() if name not in ("postgres", "valkey", "migrations")]
    else:
        given = [each["args"] for _, pod in pods(rendered()) for each in containers(pod) if "command" not in each]
    chosen = [",".join(each[2:]) for each in given if each[0] == "up"]
    assert sorted(",".join(chosen).split(",")) == ["assets", "beat", "console", "guard", "scoring", "worker"]
    for name in {each[0] for each in given}:
        shown = subprocess.run(
            [sys.executable, "manage.py", name, "--help"], cwd=PROJECT, capture_output=True, text=True
        )
        assert shown.returncode == 0, shown.stderr
        assert all(each in shown.stdout for args in given if args[0] == name for each in args if each[:2] == "--")


def test_image__what_is_copied__is_there_and_nothing_of_the_product_is_forgotten() -> None:
    lines = (PROJECT / "deploy" / "Containerfile").read_text().splitlines()
    copied = [line.split()[1] for line in lines if line.startswith("COPY ") and "--from" not in line]
    let_in = [line[1:] for line in (PROJECT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    assert all((PROJECT / each).exists() for each in copied)
    assert {each.rstrip("/") for each in copied} - {"requirements/runtime.txt"} == set(let_in) - {
        "requirements/runtime.txt"
    }
    assert {"muse_site", "models_app", "scoring", "tenants", "templates", "manage.py"} <= set(copied)
