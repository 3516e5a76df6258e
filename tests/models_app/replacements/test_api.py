"""The replacements' addresses: asking, looking, stopping, and approving all that passes."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from models_app.changes.drafting import edit_change
from models_app.changes.evidence.models import Evidence
from models_app.changes.models import ChangeRequest, ReviewPolicy
from models_app.changes.reviewing import submit
from models_app.replacements.models import Replacement
from models_app.statistics.evidence import stored, verdict_of
from models_app.statistics.evidence.examine import nothing
from scoring.models import CurrentRelease
from tenants.models import AuditEntry, Person
from tenants.roles import Role
from tenants.scope import platform_scope
from tests.factories import (
    World,
    add_evidence,
    add_line,
    make_change,
    make_person,
    make_predictor,
    make_replacement,
    serve,
)
from tests.models_app.conftest import Api, fields

Make = Callable[..., Api]
pytestmark = pytest.mark.django_db


@pytest.fixture
def api() -> Make:
    return lambda role="approver", **of: Api(make_person(role=role, **of))


@pytest.fixture
def worlds() -> list[World]:
    return [serve(slug) for slug in ("acme", "birch", "cedar")]


@pytest.fixture
def replacement(worlds: list[World], author: Person) -> Replacement:
    """By `author`, with a change request in review, and evidence that passes, in each world."""
    changes = [_in_review(world, author) for world in worlds]
    replacement = make_replacement(worlds[0], changes[0])
    for world, change in zip(worlds[1:], changes[1:], strict=True):
        add_line(replacement, world, change)
    return replacement


@pytest.fixture
def author() -> Person:
    return make_person(role=Role.APPROVER)


def _in_review(world: World, author: Person) -> ChangeRequest:
    change = make_change(world, author=author)
    add_evidence(change)
    with platform_scope():
        return submit(actor=None, change=change)


def seen(api: Api, replacement: Replacement) -> list[dict[str, Any]]:
    """What an approver sends who has looked at all lines."""
    lines = api.get(f"proposals/{replacement.pk}").json()["lines"]["results"]
    return [{name: line[name] for name in ("tenant", "document_digest", "evidence_digest")} for line in lines]


def test_replacement__lines__have_their_verdicts_as_values(api: Make, replacement: Replacement) -> None:
    verdict = verdict_of([nothing("cards", "no event yet")])
    with platform_scope():
        acme = Evidence.objects.filter(tenant__slug="acme", state="succeeded")
        acme.update(verdict=verdict.state, sentence=verdict.sentence, verdict_details=stored.plain(verdict))
    first, second, _ = api().get(f"proposals/{replacement.pk}").json()["lines"]["results"]
    assert first["verdict"] == first["verdict_details"]["state"] == "not enough events"
    assert first["verdict_details"]["unseen"] == {"cards": "no event yet"}
    assert first["verdict_details"]["threshold"] is None
    assert (second["verdict"], second["verdict_details"]) == ("pass", None)


def approve(api: Api, replacement: Replacement, lines: list[dict[str, Any]]) -> dict[str, Any]:
    answer = api.post(f"proposals/{replacement.pk}/approve", {"lines": lines, "text": "go"})
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def test_approval__of_all_as_seen__publishes_each(api: Make, replacement: Replacement, worlds: list[World]) -> None:
    approver = api()
    done = approve(approver, replacement, seen(approver, replacement))
    assert (done["approved"], done["refused"]) == (3, 0)
    assert [(line["tenant"], line["state"], line["release"]) for line in done["lines"]] == [
        (world.tenant.slug, "published", 2) for world in worlds
    ]
    shown = approver.get(f"proposals/{replacement.pk}").json()
    assert [line["release"] for line in shown["lines"]["results"]] == [2, 2, 2]
    with platform_scope():
        assert set(CurrentRelease.objects.values_list("release__number", flat=True)) == {2}
        assert AuditEntry.objects.filter(act="approve", person=approver.person).count() == 3


def test_approval__what_changed_since__is_refused_and_the_others_go_on(
    api: Make, replacement: Replacement, worlds: list[World]
) -> None:
    approver = api()
    lines = seen(approver, replacement)
    with platform_scope():
        newer, edited = ChangeRequest.objects.filter(tenant__slug__in=["acme", "birch"]).order_by("tenant__slug")
        add_evidence(newer)
        renamed = {name: [{**route, "name": "other"} for route in routes] for name, routes in edited.routes.items()}
        edit_change(actor=None, change=edited, routes=renamed)
    done = approve(approver, replacement, lines)["lines"]
    assert [(line["status"], line["state"]) for line in done] == [(409, ""), (409, ""), (200, "published")]
    assert "newer evidence" in done[0]["detail"]
    with platform_scope():
        states = ChangeRequest.objects.order_by("tenant__slug").values_list("state", flat=True)
        assert list(states) == ["in review", "draft", "published"]


def judged(slug: str, p_value: float, by_chance: float, verdict: str = "pass") -> None:
    """The tenant's evidence says so, and how likely that comes by chance."""
    found = replace(verdict_of([nothing("cards", "")]), state=verdict, p_value=p_value, by_chance=by_chance)
    with platform_scope():
        evidence = Evidence.objects.filter(tenant__slug=slug, state="succeeded")
        evidence.update(verdict=verdict, verdict_details=stored.plain(found))


def test_approval__of_what_may_pass_by_chance_among_so_many__is_refused_and_said_beforehand(
    api: Make, replacement: Replacement
) -> None:
    judged("acme", 0.001, 0.025)
    judged("birch", 0.04, 0.02)
    judged("cedar", 1.0, 0.0, "fail")
    approver = api()
    shown = approver.get(f"proposals/{replacement.pk}").json()["at_once"]
    assert shown == {"judged": 3, "by_chance": 0.045, "false_discoveries": 0.05, "unclear": ["birch"]}
    done = approve(approver, replacement, seen(approver, replacement))["lines"]
    assert [(line["tenant"], line["status"]) for line in done] == [("acme", 200), ("birch", 409), ("cedar", 409)]
    assert "among so many tenants this may be chance" in done[1]["detail"]


def test_approval__of_what_passes_clearly__leaves_none_out(api: Make, replacement: Replacement) -> None:
    for slug in ("acme", "birch", "cedar"):
        judged(slug, 0.02, 0.02)
    approver = api()
    assert approver.get(f"proposals/{replacement.pk}").json()["at_once"]["unclear"] == []
    assert approve(approver, replacement, seen(approver, replacement))["approved"] == 3


def test_approval__by_the_author__is_refused_for_each(api: Make, replacement: Replacement, author: Person) -> None:
    own = Api(author)
    done = approve(own, replacement, seen(own, replacement))
    assert [line["status"] for line in done["lines"]] == [403, 403, 403]
    with platform_scope():
        assert not ChangeRequest.objects.exclude(state="in review").exists()


def test_approval__by_policies__waits_for_a_second_person_where_one_is_needed(
    api: Make, replacement: Replacement, worlds: list[World]
) -> None:
    with platform_scope():
        ReviewPolicy.objects.create(tenant=worlds[0].tenant, approvals_needed=2)
        ReviewPolicy.objects.create(tenant=worlds[1].tenant, approver_role=Role.ADMIN)
        ReviewPolicy.objects.create(tenant=worlds[2].tenant, publish_when_approved=False)
    first, second = api(), api("admin")
    lines = seen(first, replacement)
    done = approve(first, replacement, lines)["lines"]
    assert [(line["status"], line["state"]) for line in done] == [(200, "in review"), (403, ""), (200, "approved")]
    done = approve(second, replacement, lines[:2])["lines"]
    assert [(line["status"], line["state"]) for line in done] == [(200, "published"), (200, "published")]


def test_approval__of_what_does_not_pass__is_refused(api: Make, replacement: Replacement) -> None:
    approver = api()
    with platform_scope():
        add_evidence(ChangeRequest.objects.get(tenant__slug="acme"), verdict="fail")
    lines = [line for line in seen(approver, replacement) if line["tenant"] == "acme"]
    (done,) = approve(approver, replacement, [*lines])["lines"]
    assert (done["status"], "“fail”" in done["detail"]) == (409, True)


def test_approval__where_risk_rose__is_not_in_bulk_and_says_why(api: Make, replacement: Replacement) -> None:
    approver = api()
    with platform_scope():
        Evidence.objects.filter(tenant__slug="acme", state="succeeded").update(risk_rose=True)
    shown = approver.get(f"proposals/{replacement.pk}").json()["lines"]["results"]
    assert [line["risk_rose"] for line in shown if line["tenant"] == "acme"] == [True]
    lines = [line for line in seen(approver, replacement) if line["tenant"] == "acme"]
    (done,) = approve(approver, replacement, [*lines])["lines"]
    assert (done["status"], "answers for that in writing" in done["detail"]) == (409, True)


@pytest.mark.parametrize("lines", [[], [{"tenant": "acme", "document_digest": "x", "evidence_digest": "y"}] * 2])
def test_approval__of_nothing_or_twice_the_same__is_not_valid(
    api: Make, replacement: Replacement, lines: list[Any]
) -> None:
    assert api().post(f"proposals/{replacement.pk}/approve", {"lines": lines}).status_code == 422


def test_approval__by_an_analyst__is_not_allowed(api: Make, replacement: Replacement) -> None:
    assert api("analyst").post(f"proposals/{replacement.pk}/approve", {"lines": []}).status_code == 403


def body_of(world: World, **changes: Any) -> dict[str, Any]:
    source = {"kind": "either", "days": 14}
    body = {"title": "Better", "reason": "because", "replaced": world.predictor.key, "source": source}
    return {**body, "predictor": make_predictor(world.model).key, **changes}


def test_replacement__of_an_analyst__has_a_line_for_each_tenant_that_uses_the_predictor(
    api: Make, worlds: list[World]
) -> None:
    analyst = api("analyst")
    answer = analyst.post("proposals", body_of(worlds[1]))
    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert (body["total"], body["done"], body["author"]) == (1, 0, analyst.person.email)
    assert body["source"]["kind"] == "either"
    shown = analyst.get(f"proposals/{body['number']}").json()
    assert shown["summary"]["queued"] == 1
    assert [(line["tenant"], line["intents"]) for line in shown["lines"]["results"]] == [("birch", ["card-payments"])]
    assert analyst.get(f"proposals/{body['number']}", state="failed").json()["lines"]["count"] == 0
    stopped = analyst.post(f"proposals/{body['number']}/cancel", {"reason": "a mistake"}).json()
    assert (stopped["summary"]["cancelled"], stopped["done"]) == (1, 1)
    assert analyst.post(f"proposals/{body['number']}/cancel").status_code == 409


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"replaced": "nobody@1"}, "replaced"),
        ({"source": {"kind": "sample", "sample": 1}}, "source.kind"),
        ({"source": {"kind": "either", "days": 0}}, "source.days"),
        ({"intents": [{"tenant": "acme", "intent": "loans"}]}, "intents[0]"),
        ({"intents": [{"tenant": "nobody", "intent": "card-payments"}]}, "intents[0]"),
        ({"intents": []}, "intents"),
        ({"title": ""}, "title"),
    ],
)
def test_replacement__that_is_not_good__names_the_field(
    api: Make, worlds: list[World], changes: dict[str, Any], field: str
) -> None:
    assert fields(api("analyst").post("proposals", body_of(worlds[0], **changes))) == [field]


def test_replacement__for_what_nobody_uses_or_itself__is_not_valid(api: Make, worlds: list[World]) -> None:
    analyst, unused = api("analyst"), make_predictor(worlds[0].model).key
    assert fields(analyst.post("proposals", body_of(worlds[0], replaced=unused))) == ["replaced"]
    assert fields(analyst.post("proposals", body_of(worlds[0], predictor=worlds[0].predictor.key))) == ["predictor"]


def test_replacement__by_who_may_not__is_refused(api: Make, worlds: list[World]) -> None:
    assert api("viewer").post("proposals", body_of(worlds[0])).status_code == 403
    assert api("admin", tenant=worlds[0].tenant).post("proposals", body_of(worlds[0])).status_code == 404
