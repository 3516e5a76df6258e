"""The REST API of intents, and the checks of their parts."""

from typing import Any

import msgspec
import pytest

from models_app.intents.services import change_intent
from models_app.intents.to_document import intent_part
from tenants.history import steps_of
from tenants.models import Intent, Person, Tenant
from tenants.roles import Role
from tenants.scope import platform_scope
from tenants.services import create_personal_token
from tests.factories import make_person, make_tenant
from tests.tenants.conftest import RestClient

pytestmark = pytest.mark.django_db
AMOUNT = {"name": "amount", "minimum": 0}
KIND = {"name": "kind", "type": "category", "categories": ["goods", "cash"], "required": False}
BODY = {
    "name": "card-payments",
    "description": "All payments by card.",
    "features": [AMOUNT, KIND],
    "context": [{"name": "channel", "values": ["web", "shop"]}],
    "thresholds": [{"name": "decline", "score": 0.93, "action": "decline"}],
    "keep_features": ["amount"],
    "idempotency_seconds": 60,
}


@pytest.fixture
def acme(db: None) -> Tenant:
    return make_tenant("acme")


def rest_of(person: Person) -> RestClient:
    return RestClient(create_personal_token(person=person, name="tests", actor=None)[1])


@pytest.fixture
def rest(acme: Tenant) -> RestClient:
    return rest_of(make_person(role=Role.ADMIN, tenant=acme))


def test_create__whole_intent__is_there_as_sent_with_defaults(rest: RestClient) -> None:
    answer = rest.post("tenants/acme/intents", BODY)
    assert answer.status_code == 201
    read = rest.get("tenants/acme/intents/card-payments").json()
    assert read == answer.json()
    assert {key: read[key] for key in BODY if key not in ("features", "context")} == {
        key: BODY[key] for key in BODY if key not in ("features", "context")
    }
    assert read["features"][0] == {
        "name": "amount", "type": "number", "required": True, "nullable": False, "minimum": 0.0, "maximum": None,
        "categories": [],
    }  # fmt: skip
    assert read["context"][0]["required"] is False


def test_create__same_name__is_refused(rest: RestClient) -> None:
    rest.post("tenants/acme/intents", BODY)
    answer = rest.post("tenants/acme/intents", BODY)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "name")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"features": []}, "features"),
        ({"features": "amount"}, "features"),
        ({"features": [{}]}, "features[0].name"),
        ({"features": [AMOUNT, AMOUNT]}, "features[1].name"),
        ({"features": [AMOUNT, {"name": "Amount"}]}, "features[1].name"),
        ({"context": [{"name": "channel"}, {"name": "CHANNEL"}]}, "context[1].name"),
        ({"features": [AMOUNT, {"name": "n", "type": "text"}]}, "features[1].type"),
        ({"features": [{"name": "n", "requird": True}]}, "features[0].requird"),
        ({"features": [{"name": "n", "minimum": 2, "maximum": 1}]}, "features[0].maximum"),
        ({"features": [{"name": "n", "type": "category"}]}, "features[0].categories"),
        ({"features": [{"name": "tab\t"}]}, "features[0].name"),
        ({"features": [{"name": "nul\x00"}]}, "features[0].name"),
        ({"features": [{"name": "n" * 201}]}, "features[0].name"),
        ({"context": [{"name": "a"}, {"name": "a"}]}, "context[1].name"),
        ({"context": [{"name": "a", "type": "number", "values": ["1"]}]}, "context[0].values"),
        ({"thresholds": [{"name": "a", "score": 1.0}]}, "thresholds[0].score"),
        ({"thresholds": [{"name": "a", "score": "high"}]}, "thresholds[0].score"),
        ({"thresholds": [{"name": "a", "score": 0.5}, {"name": "a", "score": 0.6}]}, "thresholds[1].name"),
        ({"thresholds": [{"name": "a", "score": 0.5, "action": ""}]}, "thresholds[0].action"),
        ({"keep_features": ["unknown"]}, "keep_features"),
        ({"keep_features": "some"}, "keep_features"),
        ({"keep_features": 5}, "keep_features"),
        ({"idempotency_seconds": -1}, "idempotency_seconds"),
        ({"entity": "card"}, "entity"),
        ({"entity": "kind"}, "entity"),  # which the log does not keep
        ({"amount": "channel"}, "amount"),
        ({"amount": 5, "keep_features": "none"}, "amount"),
        ({"label_maturity_days": -1}, "label_maturity_days"),
        ({"label_maturity_days": 4000}, "label_maturity_days"),
        ({"label_maturity_days": 1.5}, "label_maturity_days"),
        ({"unlabelled_means": "fraud"}, "unlabelled_means"),
        ({"segment_features": ["merchant"]}, "segment_features"),
        ({"segment_features": ["kind"]}, "segment_features"),  # which the log does not keep
        ({"segment_features": ["channel"]}, "segment_features"),  # whose values make segments anyway
        ({"segment_features": ["amount", "amount"]}, "segment_features"),
        ({"segment_features": "amount"}, "segment_features"),
        ({"name": "Not a slug"}, "name"),
        ({"routes": []}, "routes"),
    ],
)
def test_create__bad_part__is_422_naming_it_and_stores_nothing(
    rest: RestClient, change: dict[str, Any], field: str
) -> None:
    answer = rest.post("tenants/acme/intents", BODY | change)
    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (422, [field])
    with platform_scope():
        assert not Intent.objects.exists()


@pytest.mark.parametrize("number", ["1e400", "NaN", "1" + "0" * 400])
def test_create__number_beyond_any_float__is_refused(rest: RestClient, number: str) -> None:
    body = '{"name": "a", "features": [{"name": "n", "minimum": NUMBER}]}'
    answer = rest.post("tenants/acme/intents", body.replace("NUMBER", number))
    assert answer.status_code in (400, 422)


def test_change__a_part__leaves_the_rest(rest: RestClient) -> None:
    rest.post("tenants/acme/intents", BODY)
    changed = rest.patch("tenants/acme/intents/card-payments", {"keep_features": "none", "thresholds": []}).json()
    assert (changed["keep_features"], changed["thresholds"]) == ("none", [])
    assert changed["description"] == BODY["description"]
    (latest, *_) = rest.get("tenants/acme/audit").json()["results"]
    assert latest["details"]["before"]["keep_features"] == ["amount"]
    assert latest["details"]["after"] == {"keep_features": "none", "thresholds": []}


def test_change__features_without_one_that_is_kept__is_refused(rest: RestClient) -> None:
    rest.post("tenants/acme/intents", BODY)
    answer = rest.patch("tenants/acme/intents/card-payments", {"features": [KIND]})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "keep_features")


def test_change__how_evidence_judges__is_read_audited_and_in_history_and_in_no_release(rest: RestClient) -> None:
    new_intent = rest.post("tenants/acme/intents", BODY).json()
    as_before = {"entity": "", "amount": "", "label_maturity_days": 0, "unlabelled_means": "unknown"}
    as_before |= {"segment_features": None}
    assert {name: new_intent[name] for name in as_before} == as_before
    wanted = {"entity": "channel", "amount": "amount", "label_maturity_days": 45, "unlabelled_means": "negative"}
    wanted |= {"segment_features": ["amount"]}
    changed = rest.patch("tenants/acme/intents/card-payments", wanted).json()
    assert {name: changed[name] for name in wanted} == wanted
    (latest, *_) = rest.get("tenants/acme/audit").json()["results"]
    assert (latest["details"]["before"], latest["details"]["after"]) == (as_before, wanted)
    with platform_scope():
        intent = Intent.objects.get()
        (step, *_) = steps_of(kind="intent", key=intent.pk, tenant=intent.tenant)
        assert not set(wanted) & set(msgspec.to_builtins(intent_part(intent, ())))
    assert {each.field: each.after for each in step.differences} == wanted


def test_change__attribute_that_names_the_entity__is_not_taken_away(rest: RestClient) -> None:
    rest.post("tenants/acme/intents", BODY | {"entity": "channel"})
    answer = rest.patch("tenants/acme/intents/card-payments", {"context": []})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "entity")


def test_change__feature_that_makes_segments__is_not_taken_from_the_log(rest: RestClient) -> None:
    rest.post("tenants/acme/intents", BODY | {"segment_features": ["amount"]})
    answer = rest.patch("tenants/acme/intents/card-payments", {"keep_features": "none"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "segment_features")


def test_change__name__is_refused(rest: RestClient) -> None:
    rest.post("tenants/acme/intents", BODY)
    assert rest.patch("tenants/acme/intents/card-payments", {"name": "other"}).status_code == 422


def test_intents__by_viewer__can_be_seen_and_not_changed(acme: Tenant, rest: RestClient) -> None:
    rest.post("tenants/acme/intents", BODY)
    viewer = rest_of(make_person(role=Role.VIEWER, tenant=acme))
    assert viewer.get("tenants/acme/intents").json()["count"] == 1
    assert viewer.patch("tenants/acme/intents/card-payments", {"description": ""}).status_code == 403
    assert viewer.post("tenants/acme/intents", BODY | {"name": "b"}).status_code == 403


def test_change_intent__service_with_unknown_field__is_refused(rest: RestClient) -> None:
    rest.post("tenants/acme/intents", BODY)
    with platform_scope(), pytest.raises(Exception, match="cannot be set"):
        change_intent(intent=Intent.objects.get(), changes={"tenant": None}, actor=None)
