"""What evidence has found of a change request, and people who open its page."""

from collections.abc import Sequence
from typing import Any

from django.test import Client

from models_app.changes import reviewing
from models_app.changes.decision_changes.collecting import collected, keep
from models_app.changes.decision_changes.models import DecisionChange
from models_app.changes.evidence.models import Evidence
from models_app.changes.models import ChangeRequest
from models_app.figures.evidence import figures_of
from models_app.statistics.evidence import IntentEvidence, examine, stored, verdict_of
from tenants.models import Person
from tenants.scope import platform_scope
from tests.factories import add_evidence
from tests.models_app.statistics.evidence.test_examine import observed, question

PATH = "/tenants/acme/changes/1"
BACKEND = "django.contrib.auth.backends.ModelBackend"


def add_findings(change: ChangeRequest, **observation: Any) -> Evidence:
    seen, asked = observed(20_000, **observation), question(0.1, 0.01)
    found = examine("card-payments", seen, asked)
    return keep_findings(change, [found], collected("card-payments", seen, asked.thresholds))


def keep_findings(change: ChangeRequest, found: list[IntentEvidence], moved: Sequence[DecisionChange] = ()) -> Evidence:
    """Evidence that has found this, and that these events change sides."""
    evidence = add_evidence(change)
    verdict = verdict_of(found)
    with platform_scope():
        evidence.result, evidence.verdict_details = stored.text_of(found, verdict), stored.plain(verdict)
        evidence.verdict, evidence.sentence, evidence.figures = verdict.state, verdict.sentence, figures_of(found)
        evidence.save()
        keep(evidence, moved)
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


def latest(change: ChangeRequest) -> Evidence:
    with platform_scope():
        return Evidence.objects.filter(change_request=change).latest("pk")
