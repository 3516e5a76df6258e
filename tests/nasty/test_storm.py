"""A running product under thousands of bad requests and hundreds of bad files: refusals as documented, nothing else."""

import os
from collections import Counter
from pathlib import Path

import httpx
import pytest

from muse_site.driving.client import wait
from muse_site.driving.running import Product
from tenants.roles import Role
from tenants.services import create_personal_token
from tests.documents import EVENT
from tests.factories import World, make_person, serve
from tests.faults.hurting import Hurt
from tests.live.clients import serves
from tests.live.conftest import assets, product
from tests.nasty.files import Upload, uploads
from tests.nasty.storm import Outcome, Target, fault_of, storm

__all__ = ["assets", "product"]
pytestmark = [pytest.mark.live]

ALL = os.environ.get("NASTY") == "all"
REQUESTS, FILES = (10_000, 200) if ALL else (1_500, 12)
ROUND = 250
WARM = 6 * ROUND  # requests after which all has been imported that pages import when first asked, and caches are full
GROWTH = 24 * 2**20  # bytes that a process may be larger at the end: 40 kB left behind by each would be more


@pytest.fixture
def world(product: Product) -> World:
    found = serve("acme")
    wait(lambda: serves(product.scoring, found), "the tenant to be served", 60.0)
    return found


@pytest.fixture
def token() -> str:
    return create_personal_token(person=make_person(role=Role.ADMIN), name="storm", actor=None)[1]


def document(address: str) -> dict:
    return httpx.get(f"{address}/api/v1/schema?format=json", timeout=60.0, trust_env=False).json()


def sizes(hurt: Hurt) -> dict[int, int]:
    """What each process of both services has in memory, in bytes."""
    pids = [pid for service in ("scoring", "console") for pid in hurt.pids("muse_site.service", service)]
    return {pid: int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096 for pid in pids}


def test_requests__bad_in_any_way__are_refused_as_documented_and_leave_memory_as_it_was(
    product: Product, world: World, token: str, tmp_path: Path
) -> None:
    hurt = Hurt(product, world, tmp_path / "data", tmp_path / "product.log")
    known = {"tenant": "acme", "intent": world.intent.name, "model": world.model.key, "number": 1, "transform": 1}
    scored = {"features": EVENT, "context": {"channel": "web"}, "intent": world.intent.name}
    targets = [
        Target(product.scoring, document(product.scoring), world.token, scored),
        Target(product.console, document(product.console), token, known | {"predictor": world.predictor.key}),
    ]
    first = storm(targets, range(WARM))
    before = sizes(hurt)
    rest = Outcome(Counter(first.statuses), first.wrong)
    seed = WARM
    while rest.refused < REQUESTS + first.refused:
        more = storm(targets, range(seed, seed + ROUND))
        rest.statuses += more.statuses
        rest.wrong += more.wrong
        seed += ROUND
    print(dict(rest.statuses), *rest.wrong[:20], sep="\n", flush=True)
    after = sizes(hurt)
    print({pid: f"{before[pid] >> 20} -> {after[pid] >> 20} MiB" for pid in before.keys() & after.keys()}, flush=True)
    assert rest.wrong == []
    assert before.keys() == after.keys(), "a process died"
    assert {pid: after[pid] - before[pid] for pid in before if after[pid] - before[pid] > GROWTH} == {}


def test_files__bad_in_any_way__are_refused_with_a_reason(product: Product, world: World, token: str) -> None:
    statuses: Counter[str] = Counter()
    wrong: list[str] = []
    with httpx.Client(
        base_url=f"{product.console}/api/v1/",
        headers={"Authorization": f"Bearer {token}"},
        timeout=60.0,
        trust_env=False,
    ) as client:
        for seed in range(FILES):
            upload = uploads(seed)
            answer = client.post(upload.path, data=upload.fields, files=upload.files)
            statuses[f"{upload.kind} {answer.status_code}"] += 1
            fault = fault_of(answer, {201, 202, 400, 413, 422})
            if fault:
                wrong.append(f"seed {seed}, {upload.kind}: {fault}")
            elif answer.status_code < 300 and upload.kind == "model":
                _judge(client, answer.json(), upload, statuses, wrong)
    print(dict(statuses), *wrong[:20], sep="\n", flush=True)
    assert wrong == []


def _judge(client: httpx.Client, model: dict, upload: Upload, statuses: Counter[str], wrong: list[str]) -> None:
    """A model file is looked at later: it ends as usable or not, with a sentence that says why."""
    path = f"models/{model['name']}/{model['version']}"
    wait(lambda: client.get(path).json()["state"] != "checking", f"the check of {path}", 180.0)
    found = client.get(path).json()
    statuses[f"model {found['state']}"] += 1
    text = str(found)
    if found["state"] not in ("usable", "unusable") or "Traceback" in text:
        wrong.append(f"{upload.kind} {path}: {text[:500]}")
