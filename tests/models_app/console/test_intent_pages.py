"""Setting an intent up and changing it: sample files, what live models need of it, and who may."""

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from models_app.intents.services import change_intent
from tenants.roles import Role
from tenants.scope import platform_scope
from tests.factories import World

Visit = Callable[..., Client]
NEW, PAGE = "/tenants/acme/new-intent", "/tenants/acme/intents/card-payments"


@pytest.mark.parametrize(
    ("content", "status", "message"),
    [
        (b"amount,hour\n1.5,3\n", 200, "2 columns were read"),
        (b"a,b,a,a\n1,2,3,4\n", 422, "expected columns of different names, found several of: a"),
        ("city\nKöln\n".encode("latin-1"), 422, "the byte 0xf6 in line 2; save it as UTF-8"),
        (b"PAR1 broken PAR1", 422, "the file"),
        (b"a\n", 422, "found no rows"),
    ],
)
def test_new_intent__sample_file__is_read_or_it_is_said_why_not(
    world: World, visit: Visit, content: bytes, status: int, message: str
) -> None:
    sent = {"act": "infer", "file": SimpleUploadedFile("events.csv", content)}
    answer = visit(Role.ADMIN, world.tenant).post(NEW, sent)
    assert answer.status_code == status
    assert message in answer.content.decode()
    assert "/tmp" not in answer.content.decode()


def test_intent__without_a_feature_that_its_models_need__says_so_and_goes_on_calling_what_is_live(
    world: World, visit: Visit
) -> None:
    with platform_scope():
        left = [each for each in world.intent.features if each["name"] != "hour"]
        change_intent(intent=world.intent, changes={"features": left}, actor=None)
    page = visit(Role.VIEWER, world.tenant).get(PAGE).content.decode()
    assert f"‘hour’ was removed but is needed by {world.predictor.key}." in page
    assert "&quot;hour&quot;" in page[page.index("Example request") :]


@pytest.mark.parametrize("path", [NEW, f"{PAGE}/change"])
def test_page__whose_acts_are_all_another_s__says_that_it_takes_a_role(world: World, visit: Visit, path: str) -> None:
    assert (
        "You do not have the role that this page needs" in visit(Role.ANALYST, world.tenant).get(path).content.decode()
    )
    assert "This takes a role" not in visit(Role.ADMIN, world.tenant).get(path).content.decode()


def test_intent__how_evidence_judges__is_set_on_its_page_and_refused_at_its_field(world: World, visit: Visit) -> None:
    admin = visit(Role.ADMIN, world.tenant)
    sent = {"act": "judge", "entity": "channel", "label_maturity_days": "45", "unlabelled_means": "negative"}
    sent |= {"reason": "chargebacks come late"}
    refused = admin.post(PAGE, sent | {"amount": "channel"})
    assert refused.status_code == 422
    assert "and a number, of: amount" in refused.content.decode()
    assert admin.post(PAGE, sent | {"amount": "amount"}).status_code == 302
    agreed = visit(Role.ADMIN, world.tenant).post("/tenants/acme/policy", {"act": "agree", "number": "1"})
    assert agreed.status_code == 302
    page = visit(Role.VIEWER, world.tenant).get(PAGE).content.decode()
    assert "45 days after the event" in page
    assert "Edit evidence settings" not in page  # which takes a role
    with platform_scope():
        world.intent.refresh_from_db()
    assert (world.intent.entity, world.intent.amount) == ("channel", "amount")


def test_intent__features_that_make_segments__are_the_usual_ones_until_two_people_name_others(
    world: World, visit: Visit
) -> None:
    admin = visit(Role.ADMIN, world.tenant)
    assert "the usual ones: foreign, kind" in admin.get(PAGE).content.decode()
    sent = {"act": "judge", "label_maturity_days": "0", "unlabelled_means": "unknown", "reason": "hours differ"}
    refused = admin.post(PAGE, sent | {"segments_by": "some", "segment_features": "hour, merchant"})
    assert refused.status_code == 422
    assert "found merchant" in refused.content.decode()
    assert admin.post(PAGE, sent | {"segments_by": "some", "segment_features": ""}).status_code == 422
    assert admin.post(PAGE, sent | {"segments_by": "some", "segment_features": "hour, kind"}).status_code == 302
    other = visit(Role.ADMIN, world.tenant)
    assert "segment features: the usual ones → hour, kind" in other.get("/tenants/acme/policy").content.decode()
    assert other.post("/tenants/acme/policy", {"act": "agree", "number": "1"}).status_code == 302
    with platform_scope():
        world.intent.refresh_from_db()
    assert world.intent.segment_features == ["hour", "kind"]
    assert admin.post(PAGE, sent | {"segments_by": "none"}).status_code == 302
    assert other.post("/tenants/acme/policy", {"act": "agree", "number": "2"}).status_code == 302
    with platform_scope():
        world.intent.refresh_from_db()
    assert world.intent.segment_features == []


def test_intent__how_evidence_judges_changed_meanwhile__is_a_conflict(world: World, visit: Visit) -> None:
    admin = visit(Role.ADMIN, world.tenant)
    sent = {"act": "judge", "entity": "channel", "label_maturity_days": "0", "unlabelled_means": "unknown"}
    sent |= {"reason": "events of a channel share their fate"}
    assert admin.post(PAGE, sent | {"seen": "another"}).status_code == 409
