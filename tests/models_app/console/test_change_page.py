"""The change request's page: the verdict on top, what changes in words, who may do what, and why not."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec
import numpy as np
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from models_app.changes import drafting, reviewing
from models_app.changes.evidence.models import Evidence
from models_app.changes.models import ChangeRequest, Review
from models_app.changes.policy import set_policy
from models_app.figures.evidence import figures_of
from models_app.intents.services import change_intent
from models_app.statistics.evidence import IntentEvidence, examine, stored, verdict_of
from models_app.statistics.evidence.examine import taken_out
from tenants.models import AuditEntry, Person, Tenant
from tenants.roles import Role
from tenants.scope import platform_scope
from tests.factories import World, add_evidence, make_change, make_person, serve
from tests.models_app.statistics.evidence.test_examine import REFERENCE, observed, question
from tests.models_app.statistics.evidence.test_risk import QUESTION as RISK
from tests.models_app.statistics.evidence.test_risk import observed as of_refit
from tests.models_app.statistics.evidence.test_risk import window

PATH = "/tenants/acme/changes/1"
MOST = 14  # queries, without what begins and ends transactions
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def author(db: None) -> Person:
    return make_person("ana@example.com", Role.APPROVER)


@pytest.fixture
def change(world: World, author: Person) -> ChangeRequest:
    """A draft whose evidence has found that alerts rise by half."""
    change = make_change(world, author)
    add_findings(change, shift=1.5)
    return change


def add_findings(change: ChangeRequest, **observation: Any) -> Evidence:
    return keep_findings(change, [examine("card-payments", observed(20_000, **observation), question(0.1, 0.01))])


def keep_findings(change: ChangeRequest, found: list[IntentEvidence]) -> Evidence:
    evidence = add_evidence(change)
    verdict = verdict_of(found)
    with platform_scope():
        evidence.result, evidence.verdict_details = stored.text_of(found, verdict), stored.plain(verdict)
        evidence.verdict, evidence.sentence, evidence.figures = verdict.state, verdict.sentence, figures_of(found)
        evidence.save()
    return evidence


def submitted(change: ChangeRequest, author: Person) -> ChangeRequest:
    with platform_scope():
        return reviewing.submit(actor=author, change=change, gate_reason="the client wants it")


def approval_of(page: str, act: str = "approve") -> str:
    """The dialog alone."""
    start = page.index(f'<dialog class="muse act" id="{act}"')
    return page[start : page.index("</dialog>", start)]


def digests(change: ChangeRequest) -> dict[str, str]:
    """Of what the page shows."""
    return {"document_digest": change.digest, "evidence_digest": latest(change).digest}


def as_(person: Person) -> Client:
    client = Client()
    client.force_login(person, BACKEND)
    return client


def text(client: Client, path: str = "/tenants/acme/changes/1") -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


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


def test_page__examples_of_the_swap_set__open_in_the_explorer(
    change: ChangeRequest, visit: Callable[..., Client]
) -> None:
    assert 'href="/tenants/acme/events/e' in text(visit("viewer"))


def test_page__old_evidence__still_shows(world: World, author: Person, visit: Callable[..., Client]) -> None:
    evidence = add_findings(make_change(world, author))
    with platform_scope():
        result = msgspec.json.decode(evidence.result)
        for intent in result["intents"]:
            for name in ("histogram", "crossing", "total", "left_out"):
                del intent[name]
            for threshold in intent["thresholds"]:
                del threshold["gate"]["reason"]
        result["verdict"] = {name: result["verdict"][name] for name in ("state", "sentence")}
        evidence.result, evidence.figures = msgspec.json.encode(result).decode(), {}
        evidence.save()
    assert "Alert rates at the thresholds" in text(visit("viewer"))


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


def test_page__author__has_no_approve_button_and_is_told_why(change: ChangeRequest, author: Person) -> None:
    submitted(change, author)
    page = text(as_(author))
    assert 'id="approve' not in page
    assert "Nobody approves a change of their own." in page


@pytest.mark.parametrize(
    ("role", "why"), [("viewer", "You need the Approver role"), ("analyst", "You need the Approver role")]
)
def test_page__without_the_role__is_told_why(
    change: ChangeRequest, author: Person, visit: Callable[..., Client], role: str, why: str
) -> None:
    submitted(change, author)
    page = text(visit(role))
    assert 'id="approve' not in page
    assert why in page


def test_page__approver__sees_in_the_dialog_what_goes_live(
    change: ChangeRequest, author: Person, visit: Callable[..., Client]
) -> None:
    submitted(change, author)
    dialog = approval_of(text(visit("approver")), "approve_anyway")
    assert "With your approval these changes go live at once, as release 2 of Acme:" in dialog
    assert "stays live, through transform" in dialog
    assert "What it would do" in dialog
    assert "at-0.01 " in dialog


def test_approve__in_a_second_tab_after_it_is_done__shows_the_page_as_it_is_with_what_was_wrong(
    change: ChangeRequest, author: Person, visit: Callable[..., Client]
) -> None:
    submitted_change = submitted(change, author)
    with platform_scope():
        evidence = Evidence.objects.filter(change_request=submitted_change).latest("pk")
    bound = {"document_digest": submitted_change.digest, "evidence_digest": evidence.digest}
    sent = {"act": "approve_anyway", "text": "yes", "confirmation": "fail", **bound}
    approver = visit("approver")
    assert approver.post(PATH, sent).status_code == 302
    second = approver.post(PATH, sent, follow=True)
    page = " ".join(second.content.decode().split())
    assert "change request 1 of Acme is published" in page
    assert 'id="approve' not in page


def test_page__evidence_that_fails__says_so_in_the_dialog_with_the_author_s_reason(
    change: ChangeRequest, author: Person, visit: Callable[..., Client]
) -> None:
    submitted(change, author)
    page = text(visit("approver"))
    dialog = approval_of(page, "approve_anyway")
    phrases = ["The verdict is “fail”", "would go to", "What does not pass", "fail: The alert rate would be"]
    phrases += [
        "Override justification",
        "the client wants it",
        "Why approve it although it does not pass",
        "Type “fail”",
    ]
    places = [dialog.index(each) for each in phrases]
    assert places == sorted(places)
    assert '<button type="submit" class="danger">Approve anyway</button>' in dialog
    assert 'id="approve"' not in page


@pytest.mark.parametrize(
    ("sent", "refused"),
    [
        ({"text": "the client insists", "confirmation": "pass"}, "expected “fail”, found “pass”"),
        ({"text": "the client insists"}, "This field is required."),
        ({"confirmation": "fail"}, "This field is required."),
    ],
)
def test_approve_anyway__without_reason_or_the_word__is_refused(
    change: ChangeRequest, author: Person, visit: Callable[..., Client], sent: dict[str, str], refused: str
) -> None:
    submitted(change, author)
    answer = visit("approver").post(PATH, {"act": "approve_anyway", **digests(change), **sent})
    assert answer.status_code == 422
    assert refused in answer.content.decode()


def test_approve_anyway__with_reason_and_the_word__publishes_and_tells_why(
    change: ChangeRequest, author: Person, visit: Callable[..., Client]
) -> None:
    submitted(change, author)
    sent = {"act": "approve_anyway", "text": "the client insists", "confirmation": " Fail "}
    approver = visit("approver")
    assert approver.post(PATH, {**sent, **digests(change)}).status_code == 302
    page = text(approver)
    assert "It is live, as release 2." in page
    assert "the client insists" in page


def test_approve__of_what_fails_as_if_it_passed__is_refused(
    change: ChangeRequest, author: Person, visit: Callable[..., Client]
) -> None:
    submitted(change, author)
    answer = visit("approver").post(PATH, {"act": "approve", "text": " ", **digests(change)})
    assert answer.status_code == 422
    assert "expected a sentence that says why to approve it all the same" in answer.content.decode()


def test_page__too_few_events__asks_why_but_not_for_the_word(
    world: World, author: Person, visit: Callable[..., Client]
) -> None:
    change = make_change(world, author)
    keep_findings(change, [examine("card-payments", observed(500), question(0.01))])
    submitted(change, author)
    dialog = approval_of(text(visit("approver")), "approve_anyway")
    assert "The verdict is “not enough events”" in dialog
    assert "Why approve it although it does not pass" in dialog
    assert "to confirm" not in dialog


def test_page__in_review__has_reject_beside_approve(
    change: ChangeRequest, author: Person, visit: Callable[..., Client]
) -> None:
    submitted(change, author)
    page = text(visit("approver"))
    acts = page[page.index('<div class="acts">') : page.index('<summary class="button">More')]
    assert acts.index('commandfor="approve_anyway"') < acts.index('commandfor="reject"')


def with_risk(change: ChangeRequest) -> Evidence:
    """Evidence of a refit of which the live transform was fitted on calmer weeks."""
    random = np.random.default_rng(8)
    seen = of_refit(window(random, 4000), window(random, 4000, attack=0.03))
    evidence = keep_findings(change, [examine("card-payments", seen, RISK)])
    Evidence.objects.filter(pk=evidence.pk).update(risk_rose=True)
    return evidence


def test_page__risk_rose__shows_it_and_asks_the_approver_for_an_answer(
    world: World, author: Person, visit: Callable[..., Client]
) -> None:
    new_change = make_change(world, author)
    with platform_scope():
        evidence = with_risk(new_change)
    new_change = submitted(new_change, author)
    approver = visit("approver")
    page = text(approver)
    phrases = [
        "Risk rose: events at or above",
        "Risk, under cards@1 by live transform 3",
        "Fitting sample",
        "when it was fitted",
    ]
    assert [words for words in phrases if words not in page] == []
    assert "Answer to the risk that rose" in approval_of(page, "approve_anyway")
    bound = {"document_digest": new_change.digest, "evidence_digest": evidence.digest}
    sent = {"act": "approve_anyway", "text": "yes", **bound}
    refused = approver.post(PATH, {**sent, "risk_answer": " "})
    assert refused.status_code == 422
    assert approver.post(PATH, {**sent, "risk_answer": "a sale"}).status_code == 302
    assert "Answer to the risk that rose: a sale" in text(approver)


def test_page__risk_as_it_was__asks_for_no_answer(
    change: ChangeRequest, author: Person, visit: Callable[..., Client]
) -> None:
    submitted(change, author)
    page = text(visit("approver"))
    assert "Risk rose" not in page
    assert "Answer to the risk" not in approval_of(page, "approve_anyway")


def test_page__two_approvals_needed__says_what_is_left(
    world: World, change: ChangeRequest, author: Person, visit: Callable[..., Client]
) -> None:
    with platform_scope():
        policy = {"approvals_needed": 2, "publish_when_approved": False}
        set_policy(actor=None, tenant=world.tenant, changes=policy)
    submitted(change, author)
    page = text(visit("approver"))
    assert "0 of 2 needed" in page
    assert "After yours it still needs one more approval." in page
    assert "It needs 2 more approvals, by an approver who did not write it; then somebody publishes it." in page


def test_page__what_is_live_changed_since__says_so_and_offers_no_approval(
    world: World, change: ChangeRequest, author: Person, visit: Callable[..., Client]
) -> None:
    submitted(change, author)
    world.publish()
    page = text(visit("approver"))
    assert "Out of date" in page
    assert "Rebase it." in page
    assert 'id="approve' not in page


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


def latest(change: ChangeRequest) -> Evidence:
    with platform_scope():
        return Evidence.objects.filter(change_request=change).latest("pk")


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
