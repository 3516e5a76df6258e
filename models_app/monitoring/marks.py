"""What happened to an intent while its alert rates went on: releases, refreshes, rollbacks, fits, incidents."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db.models import F, Q
from django.db.models.fields.json import KeyTransform

from models_app.changes.selectors import releases_concerning
from models_app.incidents import selectors as incidents
from models_app.incidents import words
from models_app.transforms.models import Fit
from scoring.models import Release
from tenants.models import Intent

MOST = 50  # of releases, and of incidents: the latest


class Kind(StrEnum):
    RELEASE = "release"
    REFRESH = "refresh"
    ROLLBACK = "rollback"
    FIT = "fit gone live"
    INCIDENT = "incident"


@dataclass(frozen=True)
class Mark:
    """`number`: of the release, the incident, or the fit, whose page tells more; a refresh has that of its release.

    `until`, of an incident: its end.
    """

    kind: Kind
    at: datetime
    number: int
    words: str
    who: str = ""
    until: datetime | None = None
    is_over: bool = True


def marks_of(intent: Intent, start: datetime, end: datetime) -> Sequence[Mark]:
    """Those of [start, end), and incidents that went on in it; the latest first."""
    found = [*_of_releases(intent, start, end), *_of_incidents(intent, start, end)]
    return sorted(found, key=lambda mark: mark.at, reverse=True)


def _of_releases(intent: Intent, start: datetime, end: datetime) -> Sequence[Mark]:
    rows = list(_releases(intent, start, end))
    fits = _fits({transform for row in rows if row.refresh is None for transform in _transforms(row)})
    return [mark for row in rows for mark in _of_release(row, fits)]


def _releases(intent: Intent, start: datetime, end: datetime) -> Any:
    rows = Release.objects.filter(tenant=intent.tenant_id, published_at__gte=start, published_at__lt=end)
    rows = (
        rows.filter(releases_concerning(intent.name))
        .select_related("published_by", "republishes")
        .annotate(
            own_routes=KeyTransform(intent.name, "change_request__routes"),
            refresh=F("change_request__refresh__pk"),
            standing_approval=F("change_request__standing_approval__number"),
        )
    )
    return rows.defer("document", "republishes__document").order_by("-number")[:MOST]


def _transforms(row: Any) -> set[int]:
    return {route["live"]["transform"] for route in row.own_routes or () if "live" in route}


def _fits(transforms: set[int]) -> Mapping[int, int]:
    """Fits by the transforms that came of them."""
    if not transforms:
        return {}
    return dict(Fit.objects.filter(transform__in=transforms).values_list("transform", "pk"))


def _of_release(row: Any, fits: Mapping[int, int]) -> Sequence[Mark]:
    who, name = _who(row), f"Release {row.number}"
    if row.republishes is not None:
        text = f"{name} rolls back to release {row.republishes.number}"
        return [Mark(Kind.ROLLBACK, row.published_at, row.number, text, who)]
    if row.refresh is not None:
        text = f"Refresh {row.refresh} goes live with release {row.number}"
        return [Mark(Kind.REFRESH, row.published_at, row.number, text, who)]
    release = Mark(Kind.RELEASE, row.published_at, row.number, name, who)
    gone_live = sorted({fits[each] for each in _transforms(row) if each in fits})
    return [
        release,
        *(Mark(Kind.FIT, row.published_at, fit, f"Fit {fit} goes live with release {row.number}", who)
          for fit in gone_live),
    ]  # fmt: skip


def _who(row: Any) -> str:
    """Who has published it, or on the ground of what it went live by itself."""
    if row.standing_approval is not None:
        return f"standing approval {row.standing_approval}"
    return str(row.published_by or "the platform")


def _of_incidents(intent: Intent, start: datetime, end: datetime) -> Sequence[Mark]:
    went_on = Q(closed_at=None) | Q(closed_at__gte=start)
    rows = incidents.incidents(intent.tenant).filter(went_on, intent=intent, since__lt=end).order_by("-since")[:MOST]
    return [
        Mark(
            Kind.INCIDENT,
            row.since,
            row.pk,
            f"{words.HAPPENED[row.kind]} (incident {row.pk}, {row.state})",
            str(row.acknowledged_by or ""),
            row.closed_at or end,
            row.closed_at is not None,
        )
        for row in rows
    ]
