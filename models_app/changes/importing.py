"""A release document as YAML becomes a change request: exported here, edited or not, and proposed as it stands."""

from typing import Any

import msgspec
from django.conf import settings
from django.db import transaction

from models_app.changes.drafting import create_change
from models_app.changes.models import ChangeRequest
from models_app.inputs.errors import invalid
from models_app.inputs.yaml_text import NotYaml, read_yaml
from models_app.releases.diff import diff
from models_app.releases.publish import lock_current, proposal, read_all_routes
from scoring.engine import document as documents
from scoring.engine.document import DocumentError, ReleaseDocument
from scoring.models import Release
from tenants.models import Person, Tenant
from tenants.refusals import Conflict, TooLarge

FIELD = "document"


def import_change(*, actor: Person | None, tenant: Tenant, title: str, reason: str, document: str) -> ChangeRequest:
    """Create a change request for exactly this document: an earlier release if it equals one, else its routes.

    Models, predictors and transforms are not made of a document, and intents are configured elsewhere: what it says of
    them must be what is here. Raises ValidationError naming the place in the document, as create_change does otherwise.
    """
    proposed = read_document(document)
    if proposed.tenant != tenant.slug:
        raise invalid(f"{FIELD}.tenant", f"expected {tenant.slug}, found {proposed.tenant}: it is of another tenant")
    earlier = _earlier(tenant, proposed)
    common: dict[str, Any] = {"actor": actor, "tenant": tenant, "title": title, "reason": reason}
    if earlier is not None:
        return create_change(**common, republishes=earlier)
    with transaction.atomic():
        current = lock_current(tenant)
        routes = _routes(proposed, current)
        _expect_equal(proposed, proposal(tenant, read_all_routes(routes), current).document)
        return create_change(**common, routes=routes)


def read_document(text: str) -> ReleaseDocument:
    """Read YAML (or JSON, which is YAML). Raises ValidationError, and TooLarge for one that is too long."""
    most = settings.ENV["MUSE_REQUEST_MAX_BYTES"]
    if len(text) > most:
        raise TooLarge(f"expected a document of at most {most:,} characters, found {len(text):,}")
    try:
        found = documents.from_plain(read_yaml(text))
    except NotYaml as error:
        raise invalid(FIELD, str(error)) from None
    except (DocumentError, RecursionError) as error:
        raise invalid(FIELD, f"expected a release document: {error}") from None
    return found


def _earlier(tenant: Tenant, proposed: ReleaseDocument) -> Release | None:
    """The newest release that says exactly this, in whichever schema version it was written."""
    rows = Release.objects.filter(tenant=tenant).order_by("-number")
    same = rows.filter(digest=documents.digest(documents.encode(proposed))).first()
    old = rows.filter(document__contains='"schema_version":1')
    return same or next((row for row in old.iterator() if documents.decode(row.document) == proposed), None)


def _routes(proposed: ReleaseDocument, current: Release | None) -> dict[str, Any]:
    """Routes of the intents that it serves otherwise than now; none for those that it leaves out."""
    live = documents.decode(current.document).intents if current else {}
    gone: dict[str, Any] = {name: [] for name in live if name not in proposed.intents}
    changed = {name: part for name, part in proposed.intents.items() if part != live.get(name)}
    routes = {name: [msgspec.to_builtins(route) for route in part.routes] for name, part in changed.items()} | gone
    if not routes:
        raise Conflict("its intents are served like this already; predictors and transforms are made elsewhere")
    return routes


def _expect_equal(proposed: ReleaseDocument, compiled: ReleaseDocument) -> None:
    """Nothing that the document says may get lost."""
    differences = diff(compiled, proposed)
    if not differences:
        return
    first, others = differences[0], len(differences) - 1
    document_value, compiled_value = (msgspec.json.encode(first[side]).decode()[:100] for side in ("after", "before"))
    more = f", and so do {others} more places" if others else ""
    message = f"the document says {document_value}, and what is here gives {compiled_value}{more}"
    raise invalid(f"{FIELD}.{first['path']}", message)
