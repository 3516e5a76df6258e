"""The life of an incident: found by a monitor, acknowledged by a person, closed by either."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.db import transaction
from django.utils import timezone

from models_app.incidents.models import Incident
from models_app.incidents.notify import tell_of_incident
from models_app.inputs.errors import invalid
from models_app.notifications.events import Event
from models_app.statistics.monitors.deciding import Finding
from tenants.audit_terms import AuditAction
from tenants.models import Intent, Person
from tenants.permissions import require
from tenants.refusals import Conflict
from tenants.roles import Permission
from tenants.services import record

QUIET = timedelta(hours=24)  # after which an incident that nothing shows any more is over
_SIGNALS = 10  # of a finding that are kept, the most unusual ones


def report(*, intent: Intent, finding: Finding, at: datetime) -> Incident:
    """Open an incident for what was found up to `at`, or say of the one that goes on that it still does.

    In the caller's transaction, which holds what two looks at once would both write to.
    """
    first = finding.signals[0]
    seen = {
        "seen_at": at,
        "subject": first.name,
        "a_year": first.a_year,
        "signals": msgspec.to_builtins(finding.signals[:_SIGNALS]),
    }
    going_on = Incident.objects.filter(intent=intent, kind=finding.kind, state__in=Incident.GOING_ON)
    incident = going_on.select_for_update(of=("self",)).select_related("tenant", "intent").first()
    if incident is not None:
        Incident.objects.filter(pk=incident.pk).update(**seen)
        return incident
    since = datetime.fromtimestamp(finding.since * 3600, at.tzinfo)
    incident = Incident.objects.create(tenant=intent.tenant, intent=intent, kind=finding.kind, since=since, **seen)
    details = {"intent": intent.name, "kind": str(finding.kind), "subject": first.name}
    record(actor=None, act=AuditAction.OPEN_INCIDENT, subject=incident, tenant=intent.tenant, details=details)
    tell_of_incident(Event.INCIDENT_OPENED, incident)
    return incident


def close_quiet(*, intent: Intent, at: datetime) -> Sequence[Incident]:
    """Close what no hour has shown for a day; which they are."""
    rows = Incident.objects.filter(intent=intent, state__in=Incident.GOING_ON, seen_at__lte=at - QUIET)
    over = list(rows.select_for_update(of=("self",)).select_related("tenant", "intent"))
    for incident in over:
        _close(incident, None, "nothing has shown it for a day")
    return over


def acknowledge(*, actor: Person, incident: Incident, note: str = "") -> Incident:
    """Say that somebody is at it."""
    with transaction.atomic():
        incident = _held(actor, incident)
        if incident.state == Incident.State.ACKNOWLEDGED:
            raise Conflict(f"{incident} was acknowledged by {incident.acknowledged_by} already")
        incident.state, incident.acknowledged_by = Incident.State.ACKNOWLEDGED, actor
        incident.note = note.strip() or incident.note
        incident.save(update_fields=["state", "acknowledged_by", "note"])
        _record(actor, AuditAction.ACKNOWLEDGE_INCIDENT, incident, note)
    return incident


def close(*, actor: Person, incident: Incident, note: str, is_usual: bool = False) -> Incident:
    """End it, and say what it was. Should it go on, another one is opened, unless it `is_usual` from now on."""
    if not note.strip():
        raise invalid("note", "expected a sentence that says what it was, found none")
    with transaction.atomic():
        incident = _held(actor, incident)
        incident.is_usual = is_usual
        _close(incident, actor, note.strip())
    return incident


def _held(actor: Person, incident: Incident) -> Incident:
    require(actor, Permission.PROPOSE, incident.tenant)
    rows = Incident.objects.select_for_update(of=("self",)).select_related("tenant", "intent", "acknowledged_by")
    incident = rows.get(pk=incident.pk)
    if incident.state == Incident.State.CLOSED:
        raise Conflict(f"{incident} is closed already")
    return incident


def _close(incident: Incident, actor: Person | None, note: str) -> None:
    incident.state, incident.closed_at = Incident.State.CLOSED, timezone.now()
    incident.closed_by, incident.note = actor, note
    incident.save(update_fields=["state", "closed_at", "closed_by", "note", "is_usual"])
    _record(actor, AuditAction.CLOSE_INCIDENT, incident, note)
    tell_of_incident(Event.INCIDENT_CLOSED, incident)


def _record(actor: Person | None, act: AuditAction, incident: Incident, reason: str) -> None:
    details: dict[str, Any] = {"intent": incident.intent.name, "kind": incident.kind, "is_usual": incident.is_usual}
    record(actor=actor, act=act, subject=incident, tenant=incident.tenant, reason=reason, details=details)
