"""The whole story by three people: from a sample file to a live score, a new model in its place, and back."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from playwright.sync_api import expect

from models_app.replacements.models import Replacement
from models_app.transforms.models import Fit, Transform
from muse_site.driving.client import Scoring, wait
from muse_site.driving.running import Product
from tenants.models import AuditEntry, Intent
from tenants.roles import Role
from tenants.scope import platform_scope
from tests.browser.people import Visitor
from tests.browser.walk import faults_of_all_pages
from tests.documents import sigmoid_onnx
from tests.factories import make_person
from tests.watching import make_incident

pytestmark = [pytest.mark.live, pytest.mark.browser]

EVENTS = 4_000
THRESHOLDS = {
    "thresholds-0-score": "0.7", "thresholds-1-name": "decline", "thresholds-1-score": "0.9",
    "thresholds-1-action": "decline",
}  # fmt: skip
CURVE = "0.5 30\n0.7 10\n0.9 5"
Visit = Callable[..., Visitor]


def files(folder: Path) -> dict[str, Path]:
    """What the people have: events, two models, and the old one's outputs on validation data."""
    random = np.random.default_rng(3)
    amounts, hours = random.gamma(2.0, 60.0, 500), random.integers(0, 24, 500)
    rows = "\n".join(f"{amount:.2f},{hour}" for amount, hour in zip(amounts, hours, strict=True))
    outputs = "\n".join(f"{value:.8f}" for value in random.beta(2, 20, 2_000))
    contents = {
        "events.csv": f"amount,hour\n{rows}\n".encode(),
        "old.onnx": sigmoid_onnx([0.004, 0.001], bias=-3.0),
        "new.onnx": sigmoid_onnx([0.006, 0.01], bias=-2.5),
        "outputs.csv": f"output\n{outputs}\n".encode(),
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return {name: folder / name for name in contents}


def test_story__of_a_new_model__is_done_in_the_browser(product: Product, visit: Visit, tmp_path: Path) -> None:
    roles = (Role.ADMIN, Role.APPROVER, Role.APPROVER)
    admin, analyst, approver = (visit(make_person(role=role)) for role in roles)
    has = files(tmp_path)
    set_up_the_tenant(admin, has)
    register(analyst, has)
    key = make_a_key(admin)
    start_cold(analyst)
    approve(approver, 1)
    ids = score(product, key)
    fit_the_new_model(analyst)
    propose_it(analyst)
    is_refused_own_approval(analyst)
    approve(approver, 2)
    approver.open("tenants/acme/releases")
    approver.sees("release 2")
    look_at_an_event(analyst, ids[7])
    replace_everywhere(analyst)
    roll_back(approver)
    place = {"tenant": "acme", "intent": "card-payments", "fit": pk_of(Fit), "transform": pk_of(Transform), "change": 2}
    place |= {"number": 2, "event_id": ids[7], "version": 1, "name": "new", "proposal": pk_of(Replacement)}
    place |= {"entry": pk_of(AuditEntry), "of": "intent", "key": pk_of(Intent), "incident": incident_of_it()}
    assert faults_of_all_pages(admin, place) == []
    small = visit(make_person(role=Role.ADMIN), color_scheme="dark", viewport={"width": 390, "height": 844})
    assert faults_of_all_pages(small, place) == []


def pk_of(kind: Any) -> int:
    with platform_scope():
        return int(kind.objects.earliest("pk").pk)


def incident_of_it() -> int:
    with platform_scope():
        return int(make_incident(Intent.objects.earliest("pk")).pk)


def set_up_the_tenant(admin: Visitor, has: dict[str, Path]) -> None:
    admin.open("tenants")
    admin.act("create", slug="acme", called="Acme")
    admin.open("tenants/acme/new-intent")
    admin.form("create").locator("[name=called]").fill("card-payments")
    admin.form("create").locator("[name=file]").set_input_files(has["events.csv"])
    admin.sees("columns were read")
    expect(admin.form("create").locator("[name=called]")).to_have_value("card-payments")
    expect(admin.form("create").locator("[name=features-0-name]")).to_have_value("amount")
    with admin.expecting(422):
        admin.act("create", **{"thresholds-0-name": "review"})
    admin.sees("Threshold 1, Score: This field is required.")
    admin.form("create").get_by_role("button", name="Another threshold").click()
    admin.act("create", **THRESHOLDS)
    admin.sees("Not served yet")


def register(analyst: Visitor, has: dict[str, Path]) -> None:
    for name in ("old", "new"):
        analyst.open("models/new")
        analyst.form("register").get_by_role("button", name="Another feature").click()
        analyst.act(
            "register",
            file=has[f"{name}.onnx"],
            called=name,
            file_format="onnx",
            validation_scores=has["outputs.csv"],
            **{"features-0-name": "amount", "features-1-name": "hour", "features-1-type": "integer"},
        )
        analyst.waits_for("Usable: ")
        analyst.open("predictors/new")
        analyst.act("compose", called=name, **{"members-0-model": f"{name}@1"})
        analyst.sees(f"{name}@1")
    analyst.open("references/new/curve")
    analyst.act("create", called="new", points=CURVE)  # as the model and the predictor: one name fills all addresses
    analyst.sees("new@1")


def make_a_key(admin: Visitor) -> str:
    admin.open("tenants/acme/keys")
    admin.act("create", called="web shop")
    key = admin.page.locator("pre code").first.inner_text()
    admin.open("tenants/acme/keys")
    assert key not in admin.page.content()
    return key


def start_cold(analyst: Visitor) -> None:
    analyst.open("tenants/acme/transforms?intent=card-payments")
    analyst.act("cold_start", predictor="old@1", reference="new@1")
    analyst.page.get_by_role("link", name="New change request").click()
    analyst.act("propose", called="First release", reason="the client goes live")
    analyst.waits_for("not enough events")
    with analyst.expecting(422):
        analyst.act("submit")
    analyst.sees("expected a sentence that says why to publish anyway")
    analyst.act("submit", gate_reason="nothing is live yet, so no event can tell")
    analyst.sees("Submitted for review.")


def approve(approver: Visitor, number: int) -> None:
    approver.open("")
    approver.page.locator(f"a[href='/tenants/acme/changes/{number}']").click()
    shown = approver.form("approve_anyway")
    confirmed = {"confirmation": "fail"} if shown.locator("[name=confirmation]").count() else {}
    approver.act("approve_anyway", text="looks right", **confirmed)
    approver.sees("published")


def score(product: Product, key: str) -> list[str]:
    random = np.random.default_rng(4)
    events = [
        {"features": {"amount": round(float(amount), 2), "hour": int(hour)}}
        for amount, hour in zip(random.gamma(2.0, 60.0, EVENTS), random.integers(0, 24, EVENTS), strict=True)
    ]
    with Scoring(product.scoring, key) as client:
        wait(lambda: _is_served(client, events[0]), "the first release to be served", 30.0)
        answer = client.score_batch("card-payments", events)
    return [str(result["event_id"]) for result in answer["results"]]


def _is_served(client: Scoring, event: dict[str, object]) -> bool:
    try:
        return all(client.score("card-payments", event) for _ in range(10))
    except Exception:  # not yet
        return False


def fit_the_new_model(analyst: Visitor) -> None:
    analyst.open("tenants/acme/new-fit?intent=card-payments")
    analyst.page.wait_for_timeout(2_000)  # for the event consumer to have written what was scored
    analyst.act("fit", predictor="new@1", reference="new@1", source="replay", days="1")
    analyst.waits_for("Mapping with")
    expect(analyst.page.locator(".plot svg.main-svg").first).to_be_visible()


def propose_it(analyst: Visitor) -> None:
    analyst.page.get_by_role("link", name="New change request").click()
    analyst.act("propose", called="The new model", reason="it finds more fraud")
    analyst.waits_for("Alert rates at the thresholds")
    expect(analyst.page.locator(".plot svg.main-svg").first).to_be_visible()
    analyst.act("submit", gate_reason="the client wants it now")
    analyst.sees("Submitted for review.")


def is_refused_own_approval(analyst: Visitor) -> None:
    """There is no button; and who sends the form all the same is refused, and told why."""
    analyst.open("tenants/acme/changes/2")
    expect(analyst.form("approve")).to_have_count(0)
    expect(analyst.form("approve_anyway")).to_have_count(0)
    token = next(each["value"] for each in analyst.context.cookies() if each["name"] == "csrftoken")
    cookies = {each["name"]: each["value"] for each in analyst.context.cookies()}
    sent = {"act": "approve", "document_digest": "x", "evidence_digest": "x", "csrfmiddlewaretoken": token}
    answer = httpx.post(f"{analyst.address}/tenants/acme/changes/2", data=sent, cookies=cookies, trust_env=False)
    assert answer.status_code == 403
    assert "Nobody approves a change of their own." in answer.text


def look_at_an_event(analyst: Visitor, event_id: str) -> None:
    analyst.open("tenants/acme/events")
    analyst.page.fill("#event-id", event_id)
    analyst.page.get_by_role("button", name="Find").click()
    analyst.sees("Why this score?")
    analyst.sees("equal, bit for bit")
    analyst.sees("Model outputs")


def replace_everywhere(analyst: Visitor) -> None:
    analyst.open("proposals")
    fields = {"replaced": "new@1", "predictor": "old@1", "source": "replay", "days": "1"}
    analyst.act("propose", **fields, called="Old everywhere", reason="to see what it would do")
    analyst.waits_for("Of 1 tenant,")
    expect(analyst.page.locator(".progress")).to_have_count(0, timeout=60_000)
    analyst.page.get_by_role("link", name="change request 3").click()
    analyst.sees("Old everywhere")


def roll_back(approver: Visitor) -> None:
    approver.open("tenants/acme/releases/1")
    approver.act("roll_back", reason="the client asked for it")
    approver.sees("Release 3 of Acme")
    approver.waits_for("Release 3 is live")
    approver.open("tenants/acme/changes/2")
    approver.sees("rolled back")
