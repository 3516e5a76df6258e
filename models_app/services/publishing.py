"""Publishing and rolling back: a tenant's configuration becomes the release document that it is served with."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from models_app.selectors import releases
from models_app.services.compiling import compile_document
from models_app.services.document_diff import Change, diff
from models_app.services.errors import conflict, invalid
from models_app.services.schema import read_routes
from scoring.engine import document as documents
from scoring.engine.document import DocumentError, ReleaseDocument, Route
from scoring.models import Release
from scoring.services import publish_document
from tenants.models import Person, Tenant
from tenants.permissions import require
from tenants.roles import Act

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
    require(actor, Act.PUBLISH, tenant)
    return _preview(tenant, routes, releases.current(tenant))


def publish_release(
    *, actor: Person | None, tenant: Tenant, routes: Routes, reason: str, based_on: int | None = None
) -> Release:
    """Publish new routes for the intents that are named; the other intents stay as they are served now.

    The named intents take their schema, context and thresholds as they are configured now. No routes at all for an
    intent take it out of service. `based_on` is the release that the author has seen as current: where another has
    been published since, it is a conflict (409), as it is where nothing would change.
    """
    require(actor, Act.PUBLISH, tenant)
    reason = checked_reason(reason)
    with transaction.atomic():
        current = _lock(tenant, based_on)
        preview = _preview(tenant, routes, current)
        if current is not None and preview.digest == current.digest:
            raise conflict(f"release {current.number} serves exactly this already; nothing is published")
        return _publish(tenant, preview.document, actor, reason)


def rollback_release(
    *, actor: Person | None, tenant: Tenant, release: Release, reason: str, based_on: int | None = None
) -> Release:
    """Publish the document of an earlier release again, under a new number."""
    require(actor, Act.PUBLISH, tenant)
    reason = checked_reason(reason)
    with transaction.atomic():
        current = _lock(tenant, based_on)
        if current is not None and release.digest == current.digest:
            raise conflict(f"release {current.number} serves the document of release {release.number} already")
        return _publish(tenant, documents.decode(release.document), actor, reason, republishes=release)


def checked_reason(reason: str) -> str:
    """Every release has a reason, for whoever reads the audit trail."""
    if not reason.strip():
        raise invalid("reason", "expected a sentence that says why, found none")
    return reason.strip()


def _preview(tenant: Tenant, routes: Routes, current: Release | None) -> Preview:
    live = documents.decode(current.document) if current else None
    document = compile_document(tenant, routes, live)
    try:
        documents.check(document)
    except DocumentError as error:
        raise _as_invalid(error) from None
    digest = documents.digest(documents.encode(document))
    return Preview(document, digest, current.number if current else None, diff(live, document))


def _publish(
    tenant: Tenant, document: ReleaseDocument, actor: Person | None, reason: str, republishes: Release | None = None
) -> Release:
    try:
        return publish_document(tenant=tenant, document=document, actor=actor, reason=reason, republishes=republishes)
    except DocumentError as error:
        raise _as_invalid(error) from None


def _lock(tenant: Tenant, based_on: int | None) -> Release | None:
    """What is live, held until this commits, so that of two who publish at once one comes after the other."""
    Tenant.objects.select_for_update(no_key=True).get(pk=tenant.pk)
    current = releases.current(tenant)
    number = current.number if current else 0
    if based_on is not None and based_on != number:
        raise conflict(f"this is based on release {based_on}, and release {number} is live now; look at what changed")
    return current


def _as_invalid(error: DocumentError) -> Exception:
    place, _, message = str(error).partition(": ")
    return invalid(place, message) if message else invalid("routes", str(error))
