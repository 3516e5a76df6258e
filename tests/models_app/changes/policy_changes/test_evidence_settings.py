"""How evidence judges an intent is changed by two people, and so is what it gets to see."""

from models_app.changes import selectors
from models_app.console.changes.wording import policy_change
from tenants.models import Person
from tenants.scope import platform_scope
from tests.factories import World, make_change
from tests.models_app.changes.policy_changes.conftest import AT, Caller


def test_evidence_settings__of_a_tenant_in_use__take_two_people(world: World, author: Person, second: Person) -> None:
    asking, intent = Caller(author), "/api/v1/tenants/acme/intents/card-payments"
    asking("PATCH", intent, {"label_maturity_days": 90}, 409)
    assert asking("PATCH", intent, {"description": "cards", "label_maturity_days": 0})["description"] == "cards"
    sent = {"kind": "evidence settings", "subject": "card-payments", "changes": {"label_maturity_days": 90}}
    asking("POST", f"{AT}/changes", {**sent, "reason": "chargebacks are late"}, 201)
    Caller(second)("POST", f"{AT}/changes/1/approve")
    assert asking("GET", intent)["label_maturity_days"] == 90


def test_intent__which_features_are_kept__takes_a_second_person_and_the_open_change_request_says_so(
    world: World, author: Person, second: Person
) -> None:
    asking, intent = Caller(author), "/api/v1/tenants/acme/intents/card-payments"
    change = make_change(world, author)
    asking("PATCH", intent, {"keep_features": "none"}, 409)
    sent = {"kind": "evidence settings", "subject": "card-payments", "changes": {"keep_features": "none"}}
    asking("POST", f"{AT}/changes", {**sent, "reason": "less is kept"}, 201)
    assert asking("GET", intent)["keep_features"] == "all"
    Caller(second)("POST", f"{AT}/changes/1/approve", {})
    assert asking("GET", intent)["keep_features"] == "none"
    with platform_scope():
        (entry,) = selectors.policy_changes(change)
        assert policy_change(entry).split(": ", 1)[1].startswith("card-payments, keep features none")


def test_intent__without_a_feature_by_which_evidence_divides__takes_a_second_person(
    world: World, author: Person
) -> None:
    asking, intent = Caller(author), "/api/v1/tenants/acme/intents/card-payments"
    features = asking("GET", intent)["features"]
    extra = {"name": "is_new", "type": "boolean"}
    asking("PATCH", intent, {"features": [*features, extra]})  # evidence looks at more
    problem = asking("PATCH", intent, {"features": features}, 409)
    assert "segments by is_new" in problem["detail"]
    assert asking("GET", intent)["features"][-1]["name"] == "is_new"
