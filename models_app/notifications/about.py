"""What is said of change requests, evidence, fits and releases. Services call these, in their transactions."""

from django.urls import reverse

from models_app.models import ChangeRequest, Evidence, Fit, ProposalLine
from models_app.notifications.events import Event
from models_app.notifications.telling import tell
from scoring.models import QuarantinedTable, Release
from tenants.models import Person


def tell_of_change(event: Event, change: ChangeRequest, *, actor: Person | None, text: str = "") -> None:
    """Who has done it need not be told; nor need those who wrote it that they may review, for they may not."""
    doers = [actor, change.author, change.edited_by] if event is Event.SUBMITTED else [actor]
    tell(
        event,
        tenant=change.tenant,
        subject=_subject(change),
        page=_page(change),
        text=text or change.reason,
        data={"change": change.number, "title": change.title, "state": change.state, "digest": change.digest},
        author=change.author,
        without=doers,
    )


def tell_of_evidence(evidence: Evidence) -> None:
    """Not for the lines of a proposal: its author is told what passes by what waits for review."""
    change = evidence.change_request
    is_a_line = ProposalLine.objects.filter(change_request=change).exists()
    tell(
        Event.EVIDENCE_READY,
        tenant=evidence.tenant,
        subject=_subject(change),
        page=_page(change),
        text=f"{evidence.verdict}: {evidence.sentence}",
        data={"change": change.number, "verdict": evidence.verdict, "digest": evidence.digest},
        author=None if is_a_line else change.author,
    )


def tell_of_fit(fit: Fit) -> None:
    tell(
        Event.FIT_FAILED,
        tenant=fit.tenant,
        subject=f"{fit.tenant}: fit {fit.pk} of {fit.intent.name} with {fit.predictor.key}",
        page=reverse("console:fit", kwargs={"tenant": fit.tenant.slug, "fit": fit.pk}),
        text=fit.error,
        data={"fit": fit.pk, "intent": fit.intent.name, "predictor": fit.predictor.key, "error": fit.error},
        author=fit.created_by,
    )


def tell_of_release(event: Event, release: Release, *, actor: Person | None, text: str) -> None:
    """Of a release that was undone, does not load, or was published without review."""
    change = ChangeRequest.objects.filter(release=release).select_related("author").first()
    tell(
        event,
        tenant=release.tenant,
        subject=f"{release.tenant}: release {release.number}",
        page=reverse("console:release", kwargs={"tenant": release.tenant.slug, "number": release.number}),
        text=text,
        data={
            "release": release.number,
            "change": change.number if change else None,
            "by": actor.email if actor else None,
            "reason": text,
        },
        author=change.author if change else None,
        without=[actor] if event is Event.ROLLED_BACK else [],
    )


def tell_of_quarantine(row: QuarantinedTable) -> None:
    """Of an event table that a machine cannot write."""
    kept = f"{row.records:,} records wait on {row.machine}"
    tell(
        Event.QUARANTINED,
        tenant=row.tenant,
        subject=f"{row.tenant}: the table of {row.intent}'s {row.kind}",
        page=reverse("console:intent", kwargs={"tenant": row.tenant.slug, "intent": row.intent}),
        text=f"{kept}, and are written once the table can be. {row.reason}",
        data={"intent": row.intent, "kind": row.kind, "machine": row.machine, "reason": row.reason},
    )


def _subject(change: ChangeRequest) -> str:
    return f"{change.tenant}: change request {change.number}, “{change.title}”,"


def _page(change: ChangeRequest) -> str:
    return reverse("console:change", kwargs={"tenant": change.tenant.slug, "change": change.number})
