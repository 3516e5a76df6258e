"""Replacements: how many pass on top, why the others do not, and one act that approves what passes, as it was seen."""

import html
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from models_app.changes import reviewing
from models_app.changes.evidence.models import Evidence
from models_app.replacements.models import Replacement, ReplacementLine
from models_app.statistics.alert_rates import ObservedRate
from models_app.statistics.evidence import Verdict
from models_app.statistics.evidence.gates import Gate, Reason
from models_app.statistics.evidence.stored import plain
from models_app.statistics.evidence.verdict import WorstThreshold
from tenants.scope import platform_scope
from tests.factories import World, add_evidence, add_line, make_change, make_person, make_replacement, serve

Visit = Callable[..., Client]


def at_decline(state: str) -> dict[str, Any]:
    """A verdict of this state, about a threshold `decline`, as it is stored."""
    reason = {"pass": Reason.WITHIN, "fail": Reason.BEYOND}.get(state, Reason.TOO_FEW)
    after, gate = ObservedRate(0.9, 102, 10_000, 0.0102, 0.0084, 0.0124), Gate(state, 0.1, "", reason)
    worst = WorstThreshold("card-payments", "decline", 0.9, 0.01, None, after, None, gate, None, 10.2, 1000.0, None)
    return plain(Verdict(state, reason, ["card-payments"], 1, worst))


def line_of(world: World, verdict: str, replacement: Replacement | None = None) -> Replacement:
    """A tenant whose change request waits for review, with this verdict."""
    author = make_person(role="analyst")
    change = make_change(world, author)
    evidence = add_evidence(change, verdict)
    with platform_scope():
        words = "stay at" if verdict == "pass" else "would go to"
        Evidence.objects.filter(pk=evidence.pk).update(
            sentence=f"Alerts at ‘decline’ 0.9 {words} 1.02 %.", verdict_details=at_decline(verdict)
        )
        reviewing.submit(actor=author, change=change, gate_reason="x")
    if replacement is None:
        return make_replacement(world, change)
    add_line(replacement, world, change)
    return replacement


@pytest.fixture
def replacement(world: World) -> Replacement:
    """One that passes for Acme, and fails for Other."""
    return line_of(serve("other"), "fail", line_of(world, "pass"))


def text(client: Client, replacement: Replacement, **query: str) -> str:
    answer = client.get(f"/proposals/{replacement.pk}", query)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def dialog(page: str) -> str:
    found = page[page.index('<dialog class="muse act" id="approve"') :]
    return found[: found.index("</dialog>")]


def test_replacement__that_is_done__is_summed_up_with_reasons(replacement: Replacement, visit: Visit) -> None:
    page = text(visit("viewer"), replacement)
    assert "Of 2 tenants, 1 passes, 1 fails." in page
    assert "1 tenant: Alerts at ‘decline’ would move too far" in page
    assert "Alerts at ‘decline’ 0.9 stay at 1.02 %." in page
    assert 'href="?outcome=fail"' in page


def test_replacement__evidence_of_a_version_that_kept_a_sentence_alone__is_told_by_it(
    replacement: Replacement, visit: Visit
) -> None:
    with platform_scope():
        Evidence.objects.update(verdict_details=None)
    assert "1 tenant: Alerts at ‘decline’ 0.9 would go to 1.02 %." in text(visit("viewer"), replacement)


def test_replacement__too_few_events_at_the_same_threshold__is_one_reason_for_all(
    replacement: Replacement, visit: Visit
) -> None:
    for _ in range(2):
        line_of(serve(), "not enough events", replacement)
    assert "2 tenants: Alerts at ‘decline’ are too few to tell" in text(visit("viewer"), replacement)


def test_replacement__narrowed_by_outcome__shows_those_tenants_alone(replacement: Replacement, visit: Visit) -> None:
    page = text(visit("viewer"), replacement, outcome="fail")
    table = page[page.index("<tbody>") : page.index("</tbody>")]
    assert "Other" in table
    assert "Acme" not in table


def test_replacement__at_work__shows_progress_and_can_be_left(replacement: Replacement, visit: Visit) -> None:
    with platform_scope():
        ReplacementLine.objects.filter(tenant__slug="other").update(state="running", verdict="", change_request=None)
    page = text(visit("viewer"), replacement)
    assert "1 of 2 tenants are done; so far 1 passes. You may leave this page." in page
    assert "every 2s" in page


def test_replacement__line_that_failed__says_why(replacement: Replacement, visit: Visit) -> None:
    with platform_scope():
        wanted = ReplacementLine.objects.filter(tenant__slug="other")
        wanted.update(state="failed", verdict="", change_request=None, error="no model")
    page = text(visit("viewer"), replacement)
    assert "1 could not be done" in page
    assert "1 tenant: no model" in page


def test_approve_all__dialog__lists_what_goes_live_and_what_is_left_out(replacement: Replacement, visit: Visit) -> None:
    shown = dialog(text(visit("approver"), replacement))
    assert "Approved for 1 tenant" in shown
    assert "Acme: Alerts at ‘decline’ 0.9 stay at 1.02 %." in shown
    assert "Left out, for they do not pass: 1 tenant" in shown
    assert "Other, fail: Alerts at ‘decline’ 0.9 would go to 1.02 %." in shown


def test_approve_all__what_an_approver_writes__is_a_comment_as_for_one_change(
    replacement: Replacement, visit: Visit
) -> None:
    assert re.search(r"Comment\s*<", dialog(text(visit("approver"), replacement)))


def test_replace__form__asks_for_a_reason_as_a_change_does(replacement: Replacement, visit: Visit) -> None:
    page = " ".join(visit("analyst").get("/proposals").content.decode().split())
    for word in ("Replaces", "Source", "Title", "Reason", "Start replacement"):
        assert word in page, word


def sent(page: str) -> dict[str, Any]:
    """What the dialog's form would send."""
    found = re.search(r'name="seen" value="([^"]*)"', dialog(page))
    assert found
    return {"act": "approve", "seen": html.unescape(found[1]), "text": ""}


def test_approve_all__publishes_what_passes_and_says_how_many(replacement: Replacement, visit: Visit) -> None:
    client = visit("approver")
    answer = client.post(f"/proposals/{replacement.pk}", sent(text(client, replacement)))
    assert answer.status_code == 302
    page = text(client, replacement)
    assert "1 approved." in page
    assert 'id="approve"' not in page
    with platform_scope():
        states = dict(ReplacementLine.objects.values_list("tenant__slug", "change_request__state"))
    assert states == {"acme": "published", "other": "in review"}


def test_approve_all__what_was_edited_since__is_not_approved(replacement: Replacement, visit: Visit) -> None:
    client = visit("approver")
    form = sent(text(client, replacement))
    seen = json.loads(form["seen"])
    seen[0]["document_digest"] = "0" * 64
    answer = client.post(f"/proposals/{replacement.pk}", {**form, "seen": json.dumps(seen)})
    assert answer.status_code == 409
    assert "edited since you looked at it" in answer.content.decode()


def test_approve_all__by_who_proposed_it__is_not_offered_and_says_why(replacement: Replacement, visit: Visit) -> None:
    author = make_person("ana@example.com", "approver")
    Replacement.objects.filter(pk=replacement.pk).update(author=author)
    client = Client()
    client.force_login(author, "django.contrib.auth.backends.ModelBackend")
    page = text(client, replacement)
    assert 'id="approve"' not in page
    assert "You proposed it, so another person approves it." in page


def test_replacements__list__has_how_far_each_is(replacement: Replacement, visit: Visit) -> None:
    page = visit("viewer").get("/proposals").content.decode()
    assert replacement.title in page
    assert f"{replacement.replaced.key} by {replacement.predictor.key}" in page
    assert 'value="100"' in page


def test_replacements__are_for_platform_roles(replacement: Replacement, world: World, visit: Visit) -> None:
    client = visit("admin", world.tenant)
    assert client.get("/proposals").status_code == client.get(f"/proposals/{replacement.pk}").status_code == 404


def test_replacement__with_more_tenants__takes_no_more_queries(replacement: Replacement, visit: Visit) -> None:
    client, counts = visit("approver"), []
    for _ in range(2):
        text(client, replacement)
        with CaptureQueriesContext(connection) as captured:
            text(client, replacement)
        counts.append(len(captured))
        for verdict in ("pass", "fail", "not enough events"):
            line_of(serve(), verdict, replacement)
    assert counts[0] == counts[1]


def test_approve_all__of_what_may_pass_by_chance_among_so_many__leaves_it_out_and_says_so(
    visit: Visit, replacement: Replacement
) -> None:
    line_of(serve("third"), "pass", replacement)
    with platform_scope():
        for slug, p_value in (("acme", 0.001), ("third", 0.04), ("other", 1.0)):
            for evidence in Evidence.objects.filter(tenant__slug=slug, state="succeeded"):
                evidence.verdict_details |= {"p_value": p_value, "by_chance": 0.02}
                evidence.save()
    page = text(visit("approver"), replacement)
    assert "Were each of 3 tenants at its tolerance’s edge, 0.06 would pass by chance." in page
    assert "1 tenant that may pass by chance is left out" in page
    assert "pass too unclearly among so many tenants" in page
