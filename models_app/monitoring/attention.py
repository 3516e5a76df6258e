"""What went wrong or is about to, and what somebody has under way: over all tenants in the scope, in one query each."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import BigIntegerField, Case, CharField, F, Q, QuerySet, Sum, Value, When, Window
from django.db.models.functions import Cast, Concat, Now, RowNumber
from django.utils import timezone

from models_app.catalog.models import ModelVersion
from models_app.changes.evidence.models import Evidence
from models_app.changes.models import ChangeRequest
from models_app.changes.selectors import WITHIN
from models_app.incidents.models import Incident
from models_app.monitoring import quotas
from models_app.refreshes.models import Refresh
from models_app.refreshes.selectors import latest_ended
from models_app.successors.models import Trial
from models_app.transforms.models import Fit
from scoring.models import HourStatistics, QuarantinedTable
from tenants.models import Person

LATELY = timedelta(days=3)
FIRST = timedelta(days=365)  # beyond when any open change request expires, so that these come before all others


@dataclass(frozen=True)
class Matter:
    """`kind`: incident, fit, evidence, refresh, held back, trial, change, model, quota, key, quarantine or degraded.

    `number` and `title`: what its page is found by, and its words. `share`: how much is done, or of a quota is used.
    """

    kind: str
    tenant_slug: str
    number: int
    title: str
    details: str
    share: float
    at: datetime


def troubles(person: Person, *, shared: bool, most: int) -> list[Matter]:
    """What failed lately (for who sees what is shared: checks, too), open incidents, and own changes that expire.

    Refreshes that failed or were held back count while no later one has ended; of their fits, nothing more is said.
    Tenants and keys near a quota are there for as long as they are, with the busiest minute of the last hour or, for
    quotas of a day, with now; the number is that of the quota. Before all others intents of which the live predictor
    did not answer events of the last day (the number is that of the events), and the event tables in quarantine, for as
    long as they are there: the title is `events of cards`, the number that of the records that wait, and what is told
    is the machine and the reason.
    """
    recent = timezone.now() - LATELY
    fits = Fit.objects.filter(state=Fit.State.FAILED, finished_at__gte=recent, refresh=None)
    evidence = Evidence.objects.filter(state=Evidence.State.FAILED, finished_at__gte=recent)
    soon = ChangeRequest.objects.filter(state__in=ChangeRequest.OPEN, expires_at__lte=timezone.now() + WITHIN)
    opened = Incident.objects.filter(state=Incident.State.OPEN)
    trials = Trial.objects.filter(state=Trial.State.FAILED, finished_at__gte=recent)
    found = [
        _fits(fits, F("finished_at")),
        _evidence(evidence, F("finished_at")),
        _refreshes(recent),
        _rows(trials, "trial", F("pk"), F("policy__intent__name"), F("state"), F("finished_at")),
        _rows(soon.filter(author=person), "change", F("number"), F("title"), F("state"), F("expires_at")),
        _rows(opened, "incident", F("pk"), F("intent__name"), F("kind"), F("opened_at")),
        *_near_quotas(),
        _quarantined(),
        _degraded(),
    ]
    if shared:
        checks = ModelVersion.objects.filter(state=ModelVersion.State.UNUSABLE, checked_at__gte=recent)
        found.append(_rows(checks, "model", F("version"), F("name"), Value(""), F("checked_at"), tenant=Value("")))
    return _together(found, most)


def under_way(person: Person, most: int) -> list[Matter]:
    """The person's latest fits, their open change requests, and evidence that is at work for them."""
    evidence = Evidence.objects.filter(created_by=person, state__in=Evidence.ACTIVE)
    fits = Fit.objects.filter(created_by=person)
    changes = ChangeRequest.objects.filter(author=person, state__in=ChangeRequest.OPEN)
    proposed = _rows(changes, "change", F("number"), F("title"), F("state"), F("created_at"))
    return _together([_fits(fits, F("created_at")), proposed, _evidence(evidence, F("created_at"))], most)


def _fits(rows: QuerySet[Fit], at: Any) -> QuerySet[Any, Any]:
    return _rows(rows, "fit", F("pk"), F("intent__name"), F("state"), at, share=F("progress"))


def _evidence(rows: QuerySet[Evidence], at: Any) -> QuerySet[Any, Any]:
    of = "change_request__"
    return _rows(rows, "evidence", F(f"{of}number"), F(f"{of}title"), F("state"), at, share=F("progress"))


def _refreshes(recent: datetime) -> QuerySet[Any, Any]:
    held_back = Q(outcome=Refresh.Outcome.HELD_BACK)
    kind = Case(When(held_back, then=Value("held back")), default=Value("refresh"))
    rows = latest_ended().filter(held_back | Q(state=Refresh.State.FAILED), finished_at__gte=recent)
    return _rows(rows, kind, F("pk"), F("policy__intent__name"), F("state"), F("finished_at"))


def _near_quotas() -> Iterator[QuerySet[Any, Any]]:
    """What is told is the time that the quota is for."""
    share, day = F("share"), Value("day")
    own = {"tenant": F("slug"), "share": share}
    yield _rows(quotas.near(), "quota", F("quota_per_second"), F("name"), Value("second"), F("minute"), **own)
    of_tenant, of_key = (F("tenant__quota_per_day"), F("tenant__name")), (F("key__quota_per_day"), F("key__name"))
    yield _rows(quotas.near_today(), "quota", *of_tenant, day, Now(), share=share)
    yield _rows(quotas.keys_near_today(), "key", *of_key, day, Now(), share=share)


def _quarantined() -> QuerySet[Any, Any]:
    title = Concat("kind", Value(" of "), "intent", output_field=CharField())
    details = Concat("machine", Value(". "), "reason", output_field=CharField())
    return _rows(QuarantinedTable.objects.all(), "quarantine", F("records"), title, details, Now() + FIRST)


def _degraded() -> QuerySet[Any, Any]:
    hours = HourStatistics.objects.filter(hour__gte=timezone.now() - timedelta(days=1), degraded__gt=0)
    in_all, place = Window(Sum("degraded"), partition_by=_PLACE), Window(RowNumber(), partition_by=_PLACE)
    of_intents = hours.annotate(in_all=in_all, place=place).filter(place=1)
    return _rows(of_intents, "degraded", F("in_all"), F("intent"), Value(""), Now() + FIRST)


_PLACE = [F("tenant"), F("intent")]


def _rows(
    rows: QuerySet[Any],
    kind: Any,
    number: Any,
    title: Any,
    details: Any,
    at: Any,
    tenant: Any = None,
    share: Any = None,
) -> QuerySet[Any, Any]:
    columns = {
        "matter_kind": Cast(Value(kind) if isinstance(kind, str) else kind, CharField()),
        "matter_tenant": Cast(F("tenant__slug") if tenant is None else tenant, CharField()),
        "matter_number": Cast(number, BigIntegerField()),
        "matter_title": Cast(title, CharField()),
        "matter_details": Cast(details, CharField()),
        "matter_share": Value(0.0) if share is None else share,
        "matter_at": at,
    }
    return rows.order_by().annotate(**columns).values_list(*columns)


def _together(found: list[QuerySet[Any, Any]], most: int) -> list[Matter]:
    first, *others = found
    return [Matter(*row) for row in first.union(*others, all=True).order_by("-matter_at")[:most]]
