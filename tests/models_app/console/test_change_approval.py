"""Approving on a change request's page: who may, why not, and what is asked of who approves what does not pass."""

from collections.abc import Callable

import numpy as np
import pytest
from django.test import Client

from models_app.changes.evidence.models import Evidence
from models_app.changes.models import ChangeRequest
from models_app.changes.policy import set_policy
from models_app.statistics.evidence import examine
from tenants.models import Person
from tenants.scope import platform_scope
from tests.factories import World, make_change
from tests.models_app.console.findings import PATH, approval_of, as_, digests, keep_findings, submitted, text
from tests.models_app.statistics.evidence.test_examine import observed, question
from tests.models_app.statistics.evidence.test_risk import QUESTION as RISK
from tests.models_app.statistics.evidence.test_risk import observed as of_refit
from tests.models_app.statistics.evidence.test_risk import window


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
