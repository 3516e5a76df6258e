"""Every filter, once through REST and once on the page: both find the same, and both say which value cannot be."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from django.test import Client
from django.utils import timezone
from django_filters import FilterSet
from pytest_django import Settings

from models_app.catalog.filters import ModelFilters, PredictorFilters, ReferenceFilters
from models_app.catalog.models import ModelVersion, ReferenceDistribution
from models_app.changes.decision_changes.filters import DecisionChangeFilters
from models_app.changes.evidence.models import Evidence
from models_app.changes.filters import AllChangeFilters, ChangeFilters
from models_app.changes.models import ChangeRequest
from models_app.changes.policy_changes.filters import PolicyChangeFilters
from models_app.changes.standing_approvals.filters import StandingApprovalFilters
from models_app.incidents.filters import IncidentFilters
from models_app.intents.filters import IntentFilters
from models_app.monitoring.filters import RefusedFilters
from models_app.monitors.filters import MonitorFilters
from models_app.notifications.filters import DeliveryFilters
from models_app.refreshes.filters import RefreshFilters
from models_app.releases.filters import ReleaseFilters
from models_app.replacements.filters import DetailedLineFilters, LineFilters, ReplacementFilters
from models_app.replacements.models import Replacement, ReplacementLine
from models_app.statistics.evidence import examine
from models_app.successors.filters import TrialFilters
from models_app.transforms.filters import FitFilters, TransformFilters
from models_app.transforms.models import Fit, Transform
from scoring.services import publish_document
from tenants.filters import KeyFilters, MemberFilters, PersonFilters, TenantFilters, TokenFilters
from tenants.models import Person
from tenants.scope import platform_scope
from tenants.services import create_api_key, create_personal_token
from tests.factories import (
    World,
    add_decision_change,
    add_line,
    make_api_key,
    make_change,
    make_delivery,
    make_document,
    make_intent,
    make_model,
    make_person,
    make_predictor,
    make_replacement,
    make_tenant,
    make_transform,
    make_webhook,
    serve,
    text_of,
)
from tests.isolation.wall import CONSOLE, addresses
from tests.models_app.console.findings import keep_findings
from tests.models_app.statistics.evidence.test_examine import observed, question
from tests.watching import make_incident, make_monitor, make_refresh, make_trial

OURS = "tenants/acme/"
CURVE = [{"score": 0.5, "alert_rate": 0.1}]
# REST path, page's path, the filters, and by filter: a value, and how many rows it finds of the two or more there are.
LISTS: dict[str, tuple[str, type[FilterSet], dict[str, tuple[str, int]]]] = {
    "changes": (
        "changes",
        AllChangeFilters,
        {
            "q": ("other", 1), "intent": ("refunds", 1), "state": ("withdrawn", 1), "verdict": ("fail", 1),
            "expiry": ("soon", 1), "tenant": ("acme", 2),
        },
    ),
    f"{OURS}changes": (
        f"{OURS}changes",
        ChangeFilters,
        {
            "q": ("sooner", 1), "intent": ("refunds", 1), "state": ("withdrawn", 1), "verdict": ("fail", 1),
            "expiry": ("soon", 1),
        },
    ),
    f"{OURS}changes/1/decision-changes": (
        f"{OURS}changes/1/decision-changes",
        DecisionChangeFilters,
        {
            "q": ("E19", 1), "intent": ("refunds", 1), "threshold": ("at-0.01", 1), "side": ("dropped alert", 1),
            "label": ("negative", 1), "context": ("channel=app", 1), "min_amount": ("13", 1), "max_amount": ("12", 1),
        },
    ),
    "incidents": (
        "monitoring/incidents",
        IncidentFilters,
        {"q": ("amount", 1), "intent": ("refunds", 1), "kind": ("risk", 1), "state": ("closed", 1)},
    ),
    f"{OURS}monitors": ("monitoring", MonitorFilters, {"q": ("refunds", 1)}),
    f"{OURS}intents/card-payments/refreshes": (
        f"{OURS}intents/card-payments/refreshes",
        RefreshFilters,
        {"state": ("failed", 1), "outcome": ("held back", 1)},
    ),
    f"{OURS}intents/card-payments/trials": (
        f"{OURS}intents/card-payments/trials",
        TrialFilters,
        {"state": ("failed", 1), "outcome": ("not better", 1)},
    ),
    f"{OURS}fits": (
        f"{OURS}fits",
        FitFilters,
        {"q": ("boom", 1), "intent": ("refunds", 1), "state": ("failed", 1), "source": ("sample", 1)},
    ),
    f"{OURS}transforms": (
        f"{OURS}transforms",
        TransformFilters,
        {"q": ("refunds", 1), "intent": ("refunds", 1), "kind": ("default", 1), "verdict": ("flagged", 1)},
    ),
    "models": (
        "models",
        ModelFilters,
        {"q": ("found in notes", 1), "name": ("late", 1), "state": ("unusable", 1), "file_format": ("lightgbm", 1)},
    ),
    "predictors": (
        "predictors",
        PredictorFilters,
        {"q": ("late", 1), "name": ("highest", 1), "aggregation": ("max", 1)},
    ),
    "references": (
        "references",
        ReferenceFilters,
        {"q": ("found in notes", 1), "name": ("bent", 1), "kind": ("curve", 1)},
    ),
    f"{OURS}releases": (f"{OURS}releases", ReleaseFilters, {"q": ("a second one", 1)}),
    "proposals": ("proposals", ReplacementFilters, {"q": ("quite another", 1)}),
    f"{OURS}members": (f"{OURS}members", MemberFilters, {"q": ("ann@", 1), "role": ("analyst", 1)}),
    "people": ("people", PersonFilters, {"q": ("ann@", 1), "state": ("locked", 1)}),
    "tokens": ("account", TokenFilters, {"q": ("laptop", 1)}),
    f"{OURS}keys": (f"{OURS}keys", KeyFilters, {"q": ("web shop", 1)}),
    f"{OURS}deliveries": (
        f"{OURS}notifications",
        DeliveryFilters,
        {"q": ("Quite another", 1), "state": ("given up", 1)},
    ),
    f"{OURS}intents": ("tenants/acme", IntentFilters, {"q": ("refunds", 1)}),
    "tenants": ("tenants", TenantFilters, {"q": ("acme", 1), "release": ("none", 1)}),
}  # fmt: skip
CASES = [(rest, name) for rest, (_, _, values) in LISTS.items() for name in values]
CHOICES = [(rest, name) for rest, name in CASES if "choices" in LISTS[rest][1].base_filters[name].extra]
LINES = {"q": ("acme", 1), "outcome": ("failed", 1), "change_state": ("withdrawn", 1)}
OF_REST_ALONE = {"state": ("failed", 1), "verdict": ("fail", 1)}


@pytest.fixture
def person(db: None) -> Person:
    return make_person("root@example.com", role="admin")


@pytest.fixture
def world(person: Person, settings: Settings, tmp_path: Path) -> World:
    settings.MEDIA_ROOT, settings.LAKE = tmp_path, str(tmp_path / "lake")
    world = serve("acme")
    document = text_of(make_document(world.intent, make_transform(world.intent, world.predictor)))
    with platform_scope():
        _add_catalog(world)
        _add_work(world)
        _add_changes(world)
        _add_people(world)
        make_delivery(make_webhook(world.tenant))
        make_delivery(make_webhook(world.tenant), "Quite another", state="given up")
        publish_document(tenant=world.tenant, document=document, actor=None, reason="a second one")
    make_tenant("empty")
    return world


def _add_catalog(world: World) -> None:
    late = make_model("late")
    highest = make_predictor(world.model, late, name="highest", aggregation="max")
    assert highest.members.count() == 2
    ModelVersion.objects.create(
        name="broken", version=1, file_format="lightgbm", features=[], uploaded_digest="0" * 64, uploaded_bytes=1,
        state="unusable", notes="found in notes",
    )  # fmt: skip
    ReferenceDistribution.objects.create(
        name="bent", version=1, kind="curve", parameters={"points": CURVE}, notes="found in notes"
    )


def _add_work(world: World) -> None:
    refunds = make_intent(world.tenant, "refunds")
    make_transform(refunds, world.predictor)
    for intent in (world.intent, refunds):
        make_monitor(intent)
    make_incident(refunds)
    make_refresh(world.intent)
    make_refresh(world.intent, state="failed", outcome="", error="boom")
    make_trial(world)
    make_trial(world, state="failed", outcome="", error="boom")
    make_incident(world.intent, kind="risk", subject="decline", state="closed", closed_at=timezone.now())
    common = {"tenant": world.tenant, "predictor": world.predictor, "reference": world.transform.reference}
    Transform.objects.create(
        **common, intent=world.intent, kind="default", x=[0.0, 1.0], y=[0.0, 1.0], report={"verdict": "flagged"}
    )
    Fit.objects.create(**common, intent=refunds, source={"kind": "recorded", "days": 1.0})
    sample = {"kind": "sample", "sample": 1}
    Fit.objects.create(**common, intent=world.intent, source=sample, state="failed", error="boom")


def _add_changes(world: World) -> None:
    sooner, other = make_change(world), serve("other")
    theirs = make_change(other)
    _add_decision_changes(sooner)
    Evidence.objects.filter(change_request=sooner, state="succeeded").update(verdict="fail")
    gone = make_change(world)
    within = timezone.now() + timedelta(hours=3)
    ChangeRequest.objects.filter(pk=sooner.pk).update(title="sooner", expires_at=within)
    ChangeRequest.objects.filter(pk=gone.pk).update(state="withdrawn", routes={"refunds": []}, title="gone")
    replacement = make_replacement(world, gone)
    add_line(replacement, other, theirs)
    ReplacementLine.objects.filter(change_request=theirs).update(state="failed", verdict="fail")
    Replacement.objects.create(title="quite another", reason="x", **_replacing(world))


def _add_decision_changes(change: ChangeRequest) -> None:
    """Of an intent that says what its events are worth."""
    found = replace(examine("card-payments", observed(2_000), question(0.1, 0.01)), amount="amount")
    evidence = keep_findings(change, [found, replace(found, intent="refunds")])
    common: dict[str, object] = {"threshold": "at-0.1"}
    add_decision_change(evidence, **common, event_id="e19", amount=14.0, label=0, context={"channel": "app"})
    for other in ({"side": "dropped alert"}, {"intent": "refunds"}, {"amount": 11.0}, {"threshold": "at-0.01"}):
        add_decision_change(evidence, **common | {"event_id": "other"} | other)


def _replacing(world: World) -> dict[str, object]:
    source = {"kind": "either", "days": 1.0, "as_of": timezone.now().isoformat()}
    return {"replaced": world.predictor, "predictor": world.predictor, "source": source}


def _add_people(world: World) -> None:
    make_person("ann@example.com", role="analyst", tenant=world.tenant)
    locked = make_person("bob@example.com", role="viewer", tenant=world.tenant)
    Person.objects.filter(pk=locked.pk).update(is_active=False)
    key, _ = create_api_key(tenant=world.tenant, name="web shop", scopes=["score"], expires_at=None, actor=None)
    assert key.pk != make_api_key(world.tenant)[0].pk


@pytest.fixture
def rest(person: Person, world: World) -> Client:
    for name in ("tests", "laptop"):
        text = create_personal_token(person=person, name=name, actor=None)[1]
    return Client(headers={"authorization": f"Bearer {text}"})


@pytest.fixture
def console(person: Person, rest: Client) -> Client:
    client = Client()
    client.force_login(person, "django.contrib.auth.backends.ModelBackend")
    return client


def count(answer: object) -> int:
    """Of a page: how many its listing has found."""
    found = re.search(r">\s*(\d+) found\s*<", answer.content.decode())  # type: ignore[attr-defined]
    assert found
    return int(found[1])


@pytest.mark.parametrize(("path", "name"), CASES)
def test_filter__with_a_value__finds_the_same_in_rest_and_on_the_page(
    rest: Client, console: Client, path: str, name: str
) -> None:
    page, _, values = LISTS[path]
    value, expected = values[name]
    everything = rest.get(f"/api/v1/{path}").json()["count"]
    found = rest.get(f"/api/v1/{path}", {name: value})
    assert found.status_code == 200, found.content
    assert (found.json()["count"], count(console.get(f"/{page}", {name: value}))) == (expected, expected)
    assert expected < everything


@pytest.mark.parametrize(("path", "name"), CHOICES)
def test_filter__with_a_value_that_is_none__is_named_and_finds_nothing(
    rest: Client, console: Client, path: str, name: str
) -> None:
    answer = rest.get(f"/api/v1/{path}", {name: "nonsense"})
    assert (answer.status_code, [each["field"] for each in answer.json()["errors"]]) == (422, [name])
    assert "there is no “nonsense”; there are" in answer.json()["errors"][0]["expected"]
    page = console.get(f"/{LISTS[path][0]}", {name: "nonsense"})
    assert count(page) == 0
    assert "there is no “nonsense”; there are" in page.content.decode()


@pytest.mark.parametrize("name", [*LINES, *OF_REST_ALONE])
def test_lines__of_a_replacement__are_narrowed_in_rest_and_on_the_page(
    rest: Client, console: Client, name: str
) -> None:
    with platform_scope():
        number = Replacement.objects.get(title="A better predictor").pk
    value, expected = {**LINES, **OF_REST_ALONE}[name]
    assert rest.get(f"/api/v1/proposals/{number}", {name: value}).json()["lines"]["count"] == expected
    assert rest.get(f"/api/v1/proposals/{number}").json()["lines"]["count"] == 2
    if name in LINES:
        assert count(console.get(f"/proposals/{number}", {name: value})) == expected
    if name != "q":
        assert rest.get(f"/api/v1/proposals/{number}", {name: "nonsense"}).status_code == 422


NAMES = [("changes", "tenant"), *((f"{OURS}{page}", "intent") for page in ("changes", "fits", "transforms"))]


@pytest.mark.parametrize(("page", "name"), NAMES)
def test_page__with_a_name_that_is_not_there__says_which_are(
    rest: Client, console: Client, page: str, name: str
) -> None:
    shown = console.get(f"/{page}", {name: "nonsense"})
    assert count(shown) == 0
    assert "there is no “nonsense”; there are" in shown.content.decode()
    assert rest.get(f"/api/v1/{page}", {name: "nonsense"}).json()["count"] == 0


def test_filters__of_all_lists__are_tried_here() -> None:
    for _, filters, values in LISTS.values():
        assert values.keys() == filters.base_filters.keys()
    assert LINES.keys() == LineFilters.base_filters.keys()
    assert LINES.keys() | OF_REST_ALONE.keys() == DetailedLineFilters.base_filters.keys()
    views = {getattr(getattr(view, "view_class", None), "filters", None) for _, view in addresses(CONSOLE)} - {None}
    # Pages show the latest policy changes and standing approvals beside other lists, and narrow those; refused requests
    # as a figure.
    elsewhere = {DetailedLineFilters, PolicyChangeFilters, RefusedFilters, StandingApprovalFilters}
    assert views == {filters for _, filters, _ in LISTS.values()} | elsewhere


def test_openapi__has_the_filters_of_all_lists(rest: Client) -> None:
    paths = yaml.safe_load(rest.get("/api/v1/schema").content)["paths"]
    for path, (_, filters, _) in [*LISTS.items(), ("proposals/{proposal}", ("", DetailedLineFilters, {}))]:
        for value, parameter in (("acme", "{tenant}"), ("card-payments", "{intent}"), ("/1/", "/{change}/")):
            path = path.replace(value, parameter)
        shown = paths[f"/api/v1/{path}"]["get"]["parameters"]
        enums = {each["name"]: each["schema"].get("enum") for each in shown if each["in"] == "query"}
        for name, each in filters.base_filters.items():
            assert set(enums[name] or ()) == {value for value, _ in each.extra.get("choices", ())}
