"""Publishing and rolling back: a tenant's configuration becomes the release document that it is served with."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction

from models_app.inputs.errors import invalid
from models_app.inputs.schema import read_routes
from models_app.notifications.events import Event
from models_app.releases.compile import compile_document
from models_app.releases.diff import Change, diff
from models_app.releases.notify import tell_of_release
from scoring import releases
from scoring.engine import document as documents
from scoring.engine.document import DocumentError, ReleaseDocument, Route
from scoring.models import Release
from scoring.services import as_invalid, publish_document
from tenants.audit_terms import AuditAction
from tenants.models import Person, Tenant
from tenants.permissions import require
from tenants.refusals import Conflict
from tenants.roles import Permission
from tenants.services import record

Routes = Mapping[str, tuple[Route, ...]]


@dataclass(frozen=True)
class Preview:
    """What publishing would do: the document, its digest, and the changes from what is live (`based_on`, or None)."""

    document: ReleaseDocument
    digest: str
    based_on: int | None
    changes: list[Change]


def read_all_routes(value: Any) -> Routes:
    """Routes by intent as they were sent. Raises ValidationError naming the place."""
    if not isinstance(value, dict) or not value:
        raise invalid("routes", "expected an object with the routes of at least one intent by its name")
    return {intent: read_routes(routes, intent) for intent, routes in value.items()}


def preview_release(*, actor: Person | None, tenant: Tenant, routes: Routes) -> Preview:
    """What `publish_release` would publish now. Raises what it would raise."""
    require(actor, Permission.PUBLISH, tenant)
    return proposal(tenant, routes, releases.current(tenant))


def publish_release(
    *, actor: Person | None, tenant: Tenant, routes: Routes, reason: str, based_on: int | None = None
) -> Release:
    """Break glass: publish new routes without review; intents that are not named stay as they are served now.

    The named intents take their schema, context and thresholds as they are configured now. No routes at all for an
    intent take it out of service. `based_on` is the release that the author has seen as current: where another has
    been published since, it is a conflict (409), as it is where nothing would change.
    """
    _break_glass(actor, tenant)
    reason = checked_reason(reason)
    with transaction.atomic():
        current = lock_current(tenant, based_on)
        preview = proposal(tenant, routes, current)
        if current is not None and not preview.changes:
            raise Conflict(f"release {current.number} serves exactly this already; nothing is published")
        release = publish_document(tenant=tenant, document=document_of(preview), actor=actor, reason=reason)
        _tell_broken_glass(release, actor, reason)
    return release


def rollback_release(
    *, actor: Person | None, tenant: Tenant, release: Release, reason: str, based_on: int | None = None
) -> Release:
    """Break glass: publish the document of any earlier release again, under a new number."""
    _break_glass(actor, tenant)
    reason = checked_reason(reason)
    with transaction.atomic():
        current = lock_current(tenant, based_on)
        if current is not None and release.digest == current.digest:
            raise Conflict(f"release {current.number} serves the document of release {release.number} already")
        rollback = publish_document(
            tenant=tenant, document=release.document, actor=actor, reason=reason, republishes=release
        )
        _tell_broken_glass(rollback, actor, reason)
    return rollback


def _break_glass(actor: Person | None, tenant: Tenant) -> None:
    """Raise PermissionDenied where publishing without review is off; the message names the alternative."""
    require(actor, Permission.PUBLISH, tenant)
    if not settings.ENV["MUSE_BREAK_GLASS"]:
        raise PermissionDenied(
            "Nothing is published without review: make a change request. Publishing directly (“break glass”) is off; "
            "who runs the installation turns it on with MUSE_BREAK_GLASS=1."
        )


def _tell_broken_glass(release: Release, actor: Person | None, reason: str) -> None:
    """The audit trail, and everybody whom it concerns."""
    record(actor=actor, act=AuditAction.BREAK_GLASS, subject=release.tenant, tenant=release.tenant, reason=reason)
    tell_of_release(Event.GLASS_BROKEN, release, actor=actor, text=reason)


def checked_reason(reason: str) -> str:
    """Return the reason, trimmed. Raises ValidationError for an empty one: whoever reads the audit trail needs it."""
    if not reason.strip():
        raise invalid("reason", "expected a sentence that says why, found none")
    return reason.strip()


def proposal(tenant: Tenant, routes: Routes, current: Release | None) -> Preview:
    """The document that these routes make over what is live. Raises ValidationError naming the place."""
    live = documents.decode(current.document) if current else None
    document = compile_document(tenant, routes, live)
    try:
        documents.check(document)
    except DocumentError as error:
        raise as_invalid(error) from None
    digest = documents.digest(documents.encode(document))
    return Preview(document, digest, current.number if current else None, diff(live, document))


def document_of(preview: Preview) -> str:
    """The preview's document as it is stored and digested."""
    return documents.encode(preview.document).decode()


def lock_current(tenant: Tenant, based_on: int | None = None) -> Release | None:
    """Lock and return the live release until the transaction ends, so that concurrent publishing is serialised."""
    Tenant.objects.select_for_update(no_key=True).get(pk=tenant.pk)
    current = releases.current(tenant)
    number = current.number if current else 0
    if based_on is not None and based_on != number:
        raise Conflict(f"this is based on release {based_on}, and release {number} is live now; look at what changed")
    return current
