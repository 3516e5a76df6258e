"""The change request's page: the verdict on top, what changes in words, what was said, and how it is decided."""

from collections.abc import Callable
from dataclasses import replace

import msgspec
import numpy as np
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from models_app.changes import drafting, reviewing
from models_app.changes.models import ChangeRequest, Review
from models_app.changes.policy import set_policy
from models_app.console.changes.decision_changes import FEW
from models_app.intents.services import change_intent
from models_app.statistics.evidence import examine, stored
from models_app.statistics.evidence.examine import taken_out
from tenants.models import AuditEntry, Person, Tenant
from tenants.roles import Role
from tenants.scope import platform_scope
from tenants.services import add_member, remove_member
from tests.factories import World, make_change, make_person, serve
from tests.models_app.console.findings import add_findings, as_, keep_findings, latest, submitted, text
from tests.models_app.statistics.evidence.test_examine import REFERENCE, observed, question

MOST = 22  # queries, without what begins and ends transactions; each look beyond the person's scope sets it, and back


def test_page__with_evidence__begins_with_verdict_numbers_and_thresholds(
    change: ChangeRequest, visit: Callable[..., Client]
) -> None:
    page = text(visit("viewer"))
    phrases = ['class="verdict bad"', "would go to", "What it would do", "Alerts a day, after", "What is not known"]
    phrases += ["Alert rates at the thresholds", "±10 % allowed", "Configuration changes", "Next step"]
    places = [page.index(each) for each in phrases]
    assert places == sorted(places)
    assert "its transform is" not in page  # it is the same predictor
    assert "stays live, through transform" in page


def test_page__with_labels__tells_outcomes_by_threshold(change: ChangeRequest, visit: Callable[..., Client]) -> None:
    page = text(visit("viewer"))
    section = page[page.index('id="labels"') :]
    phrases = ["Outcomes", "Change in recall", "Change in precision", "False alarms per fraud", "1 % of events alert"]
    phrases += ["AUC", "Brier score after"]
    places = [section.index(each) for each in phrases]
    assert places == sorted(places)
    assert "Money" not in section


def test_page__with_amounts__tells_money(world: World, author: Person, visit: Callable[..., Client]) -> None:
    seen = replace(observed(2_000), amounts=np.full(2_000, 12.5))
    keep_findings(make_change(world, author), [examine("card-payments", seen, question(0.1))])
    assert "Money caught" in text(visit("viewer"))


def test_page__without_labels__says_so(world: World, author: Person, visit: Callable[..., Client]) -> None:
    seen = replace(observed(2_000), labels=np.empty(0, np.int8))
    keep_findings(make_change(world, author), [examine("card-payments", seen, question(0.1))])
    page = text(visit("viewer"))
    assert "No labels in the window: 0 of 2,000 events." in page[page.index('id="labels"') :]


def test_page__where_an_intent_is_taken_out__is_about_that(
    world: World, author: Person, visit: Callable[..., Client]
) -> None:
    fine = examine("card-payments", observed(200_000), question(0.01))
    keep_findings(make_change(world, author), [fine, taken_out("loans")])
    page = text(visit("viewer"))
    assert 'class="verdict bad"' in page
    assert "loans would be taken out of service: its clients get an error instead of a score." in page
    assert "Rank correlation" not in page  # of an intent that the verdict is not about


def test_page__where_alerts_go_from_none_to_some__is_about_those(
    world: World, author: Person, visit: Callable[..., Client]
) -> None:
    seen = observed(20_000)
    assert seen.before is not None
    wide = question(0.1, 0.01)
    at_most = np.nextafter(wide.thresholds[1].score, 0.0)
    fewer = np.where(seen.before >= REFERENCE.score_at(0.075), seen.before, 0.0)
    twice = np.where(seen.before >= REFERENCE.score_at(0.02), 1.0, fewer)  # as many as the target has
    moved = replace(seen, before=np.minimum(seen.before, at_most), after=twice)
    keep_findings(make_change(world, author), [examine("card-payments", moved, wide)])
    page = text(visit("viewer"))
    assert "‘at-0.01’" in page[: page.index("What it would do")]
    assert "from none" in page


def test_page__few_events_that_change_sides__stand_with_both_scores_and_the_way_to_all(
    change: ChangeRequest, visit: Callable[..., Client]
) -> None:
    page = text(visit("viewer"))
    section = page[page.index("Decision changes") :]
    assert section.count('href="/tenants/acme/events/e') == 2 * FEW  # new alerts at two thresholds
    assert "change=1" in section
    assert "Score, proposed" in section
    for threshold in stored.read(latest(change).result).intents[0].thresholds:
        assert threshold.change is not None
        assert f"Show all {threshold.change.only_after:,} events that change sides" in section


def test_page__old_evidence__still_shows(world: World, author: Person, visit: Callable[..., Client]) -> None:
    evidence = add_findings(make_change(world, author))
    with platform_scope():
        result = msgspec.json.decode(evidence.result)
        for intent in result["intents"]:
            for name in ("histogram", "crossing", "total", "left_out"):
                del intent[name]
            for threshold in intent["thresholds"]:
                del threshold["gate"]["reason"], threshold["listed"]
        result["verdict"] = {name: result["verdict"][name] for name in ("state", "sentence")}
        evidence.result, evidence.figures = msgspec.json.encode(result).decode(), {}
        evidence.save()
        evidence.decision_changes.all().delete()
    page = text(visit("viewer"))
    assert "Alert rates at the thresholds" in page
    assert "a former version, which listed no events" in page


def test_page__of_a_sample__says_so_in_words(world: World, author: Person, visit: Callable[..., Client]) -> None:
    evidence = add_findings(make_change(world, author))
    with platform_scope():
        result = msgspec.json.decode(evidence.result)
        result["intents"][0] |= {"total": 90_000, "left_out": 500}
        evidence.result = msgspec.json.encode(result).decode()
        evidence.save()
    page = text(visit("viewer"))
    assert "drawn by their ids from 90,000" in page
    assert "500 left out, their features were not kept" in page


def test_page__after_edits_and_approvals__tells_them_in_one_line_of_time(
    change: ChangeRequest, author: Person, visit: Callable[..., Client]
) -> None:
    submitted(change, author)
    other = make_person("otto@example.com", Role.APPROVER)
    with platform_scope():
        reviewing.comment(actor=other, change=change, text="looks high to me")
        Review.objects.create(
            tenant=change.tenant, change_request=change, person=other, decision="approve", document_digest=change.digest
        )
        drafting.edit_change(actor=author, change=change, reason="a better reason")
    page = text(visit("viewer"))
    page = page[page.index("Discussion and history") :]
    for phrase in (
        "proposed it",
        "submitted it for review",
        "looks high to me",
        "approved it",
        "edited it",
        "revision 2",
    ):
        assert phrase in page
    assert "Voided: the change request was edited." in page


def test_page__what_was_done__is_found_by_the_row_and_not_by_its_text(
    change: ChangeRequest, author: Person, visit: Callable[..., Client]
) -> None:
    with platform_scope():
        AuditEntry.objects.create(tenant=change.tenant, act="withdraw", subject=str(change), reason="of another row")
        Tenant.objects.update(name="Renamed")
        change.refresh_from_db()
        drafting.edit_change(actor=author, change=change, reason="a better reason")
    page = text(visit("viewer"))
    assert "proposed it" in page
    assert "edited it" in page
    assert "of another row" not in page


def test_page__published__links_its_release_and_says_that_it_is_live(
    change: ChangeRequest, author: Person, visit: Callable[..., Client]
) -> None:
    submitted(change, author)
    client = visit("approver")
    bound = {"document_digest": change.digest, "evidence_digest": latest(change).digest}
    sent = {"act": "approve_anyway", "text": "yes", "confirmation": "fail"}
    answer = client.post("/tenants/acme/changes/1", {**sent, **bound})
    assert answer.status_code == 302
    page = text(client)
    assert "It is live, as release 2." in page
    assert "Published as release 2" in page


def test_page__for_paper__names_tenant_digests_and_who_printed(change: ChangeRequest, author: Person) -> None:
    page = text(as_(author))
    head = page[page.index('class="letterhead"') :]
    head = head[: head.index("</dl>")]
    for phrase in ("Acme (acme)", "1, revision 1", change.digest, latest(change).digest, "ana@example.com"):
        assert phrase in head


def test_page__of_another_tenant__is_not_there(change: ChangeRequest, visit: Callable[..., Client]) -> None:
    other = serve("other").tenant
    client = visit("admin", other)
    assert client.get("/tenants/acme/changes/1").status_code == 404
    assert client.get("/tenants/other/changes/1").status_code == 404


def test_page__with_all_that_can_be_on_it__takes_few_queries(
    change: ChangeRequest, author: Person, visit: Callable[..., Client]
) -> None:
    submitted(change, author)
    client = visit("approver")
    text(client)
    with CaptureQueriesContext(connection) as captured:
        text(client)
    statements = [
        each["sql"] for each in captured if not each["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT"))
    ]
    assert len(statements) <= MOST, "\n".join(each[:150] for each in statements)


def test_page__whose_policy_was_changed_meanwhile__says_by_whom_and_to_what(
    world: World, change: ChangeRequest, visit: Callable[..., Client]
) -> None:
    assert "The review policy was changed after this was proposed" not in text(visit("viewer"))
    admin = make_person(role=Role.ADMIN)
    with platform_scope():
        set_policy(actor=admin, tenant=world.tenant, changes={"tolerance": 0.25})
    page = text(visit("viewer"))
    assert "The review policy was changed after this was proposed" in page
    assert f"by {admin}: tolerance 0.25" in page


def test_page__once_roles_of_the_whole_platform_were_moved__says_so_to_people_of_the_tenant_too(
    world: World, change: ChangeRequest, visit: Callable[..., Client]
) -> None:
    """Who holds one may approve here; of those that only look, and of other tenants' roles, nothing is said."""
    admin, person, looking = make_person(role=Role.ADMIN), make_person("pat@vendor.example"), make_person()
    with platform_scope():
        add_member(person=person, tenant=None, role=Role.APPROVER, actor=admin)
        add_member(person=person, tenant=serve("other").tenant, role=Role.APPROVER, actor=admin)
        add_member(person=looking, tenant=None, role=Role.VIEWER, actor=admin)
        held = person.memberships.select_related("person", "tenant").get(tenant=None)
        remove_member(membership=held, actor=admin)
    page = text(visit("viewer"))
    moved = page.split(f"by {admin}: ")[1:]
    assert [line.split("<")[0].strip() for line in moved] == [
        "pat@vendor.example, role approver for the whole platform",
        "pat@vendor.example, role approver taken away for the whole platform",
    ]


def test_page__of_an_intent_whose_evidence_settings_were_changed_meanwhile__says_so_and_why(
    world: World, change: ChangeRequest, visit: Callable[..., Client]
) -> None:
    admin = make_person(role=Role.ADMIN)
    with platform_scope():
        change_intent(intent=world.intent, changes={"description": "cards"}, actor=admin)
    assert "The review policy was changed after this was proposed" not in text(visit("viewer"))
    with platform_scope():
        late = {"label_maturity_days": 90}
        change_intent(intent=world.intent, changes=late, actor=admin, reason="policy change 1 of alex: late labels")
    page = text(visit("viewer"))
    assert f"by {admin}: card-payments, label maturity days 90 (policy change 1 of alex: late labels)" in page
