"""Taking back by itself what scoring processes cannot load; meanwhile they go on with the release before it."""

from datetime import timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from models_app.changes.rollback import roll_back, rolled_back, standing
from models_app.notifications.events import Event
from models_app.releases.notify import tell_of_release
from scoring import releases
from scoring.models import Release, ServingProcess
from tenants.audit_terms import AuditAction
from tenants.models import Tenant
from tenants.refusals import Refusal
from tenants.scope import platform_scope, tenant_scope
from tenants.selectors import audit_of
from tenants.services import record

# A release that loaded and fails later fails for the machine's sake: people decide then.
WATCHED = timedelta(minutes=10)
_ALIVE = timedelta(seconds=15)

log = structlog.get_logger(__name__)


def roll_back_failed() -> int:
    """Serve the release before again where a living process says that it could not load a new one; how many."""
    return sum(_roll_back(slug, failure["number"], failure["reason"]) for slug, failure in _failures().items())


def _failures() -> dict[str, dict[str, Any]]:
    """By tenant's slug, what a living process last said of a release that it could not load."""
    with platform_scope():
        alive = ServingProcess.objects.filter(seen_at__gt=timezone.now() - _ALIVE).exclude(failures={})
        return {
            slug: failure for failures in alive.values_list("failures", flat=True) for slug, failure in failures.items()
        }


def _roll_back(slug: str, number: int, reason: str) -> bool:
    with platform_scope():
        tenant = Tenant.objects.filter(slug=slug).first()
    if tenant is None:
        return False
    with tenant_scope(tenant.pk), transaction.atomic():
        Tenant.objects.select_for_update(no_key=True).get(pk=tenant.pk)
        current = releases.current(tenant)
        if current is None or current.number != number:
            return False
        if current.published_at < timezone.now() - WATCHED:
            _say_once(AuditAction.DOES_NOT_LOAD, current, reason)
            return False
        earlier = _before(current)
        if earlier is None:
            # It is the first release ever, or all before it failed too.
            _say_once(AuditAction.CANNOT_ROLL_BACK, current, reason)
            return False
        why = f"release {number} could not be loaded: {reason}"
        try:
            roll_back(actor=None, tenant=tenant, release=earlier, reason=why, based_on=number, failure=reason)
        except Refusal as refusal:
            log.warning("a failed release was not rolled back", tenant=slug, release=number, why=str(refusal))
            return False
    log.error("rolled back a release that could not be loaded", tenant=slug, release=number, reason=reason)
    return True


def _before(current: Release) -> Release | None:
    """The latest earlier release with another document, and not with one that was taken back before, by people too."""
    rows = Release.objects.filter(tenant=current.tenant_id, number__lt=current.number)
    taken_back = Release.objects.filter(
        tenant=current.tenant_id, number=OuterRef("number") + 1, published_by=None, republishes__isnull=False
    )
    failed = rows.filter(Exists(taken_back)).values("digest")
    undone = rolled_back(current.tenant).values("release__digest")
    others = rows.filter(number__in=standing(current)).exclude(digest=current.digest)
    return others.exclude(digest__in=failed).exclude(digest__in=undone).order_by("-number").first()


def _say_once(act: AuditAction, current: Release, reason: str) -> None:
    """Notify people of a failed release once, however many processes report it."""
    if not audit_of(current).filter(act=act).exists():
        record(actor=None, act=act, subject=current, tenant=current.tenant, reason=reason)
        tell_of_release(Event.NOT_LOADING, current, actor=None, text=reason)
