"""What was done about an incident: the refreshes that it held back, and what was changed once it was open."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import Q
from django.utils import timezone

from models_app.changes.models import ChangeRequest
from models_app.changes.selectors import concerning, releases_concerning
from models_app.incidents.models import Incident
from models_app.refreshes.models import Refresh
from scoring.models import Release

AFTERWARDS = timedelta(days=1)  # after its end: what had waited for that
MOST = 20  # of refreshes, of change requests and of rollbacks: the latest


class Kind(StrEnum):
    HELD_BACK = "held back"
    REFRESH = "refresh"
    CHANGE = "change request"
    ROLLBACK = "rollback"


@dataclass(frozen=True)
class Reaction:
    """`number`: of the refresh, of the change request, or of the release that a rollback has made.

    `state`: what has come of it. `change`, of a refresh: the number of its change request.
    """

    kind: Kind
    number: int
    at: datetime
    words: str
    state: str = ""
    change: int | None = None


def reactions_to(incident: Incident) -> Sequence[Reaction]:
    """All of its intent from when it was opened until a day after its end, and what it held back; the latest first."""
    start, end = incident.opened_at, (incident.closed_at or timezone.now()) + AFTERWARDS
    found = [*_refreshes(incident, start, end), *_changes(incident, start, end), *_rollbacks(incident, start, end)]
    return sorted(found, key=lambda each: each.at, reverse=True)


def _refreshes(incident: Incident, start: datetime, end: datetime) -> Sequence[Reaction]:
    concerned = Q(held_back_by__contains=[incident.pk]) | Q(created_at__gte=start, created_at__lte=end)
    rows = Refresh.objects.filter(concerned, policy__intent=incident.intent_id).order_by("-created_at")
    what = ("pk", "created_at", "state", "outcome", "held_back_by", "change_request__number")
    return [
        Reaction(
            Kind.HELD_BACK if incident.pk in held_back_by else Kind.REFRESH,
            pk,
            at,
            f"Refresh {pk}",
            outcome or state,
            change,
        )
        for pk, at, state, outcome, held_back_by, change in rows.values_list(*what)[:MOST]
    ]


def _changes(incident: Incident, start: datetime, end: datetime) -> Sequence[Reaction]:
    """Of people and of trials: those of refreshes are told with them."""
    concerned = concerning(incident.intent.name)
    rows = ChangeRequest.objects.filter(concerned, tenant=incident.tenant_id, refresh=None)
    rows = rows.filter(created_at__gte=start, created_at__lte=end).order_by("-created_at")
    return [
        Reaction(Kind.CHANGE, number, at, f"Change request {number}: {title}", state)
        for number, at, title, state in rows.values_list("number", "created_at", "title", "state")[:MOST]
    ]


def _rollbacks(incident: Incident, start: datetime, end: datetime) -> Sequence[Reaction]:
    """Those at once; one that was proposed is a change request."""
    concerned = releases_concerning(incident.intent.name)
    rows = Release.objects.filter(concerned, tenant=incident.tenant_id, republishes__isnull=False, change_request=None)
    rows = rows.filter(published_at__gte=start, published_at__lte=end).order_by("-number")
    return [
        Reaction(Kind.ROLLBACK, number, at, f"Release {number} rolls back to release {earlier}")
        for number, at, earlier in rows.values_list("number", "published_at", "republishes__number")[:MOST]
    ]
