"""What changes the data plane's tables: publishing a release document."""

from typing import Any

from django.core.exceptions import ValidationError

from scoring.engine import document as documents
from scoring.engine.document import DocumentError
from scoring.models import CurrentRelease, Release
from tenants.audit_terms import AuditAction
from tenants.messages import announce_on_commit
from tenants.models import Person, Tenant
from tenants.scope import tenant_scope
from tenants.services import audit


def publish_document(
    *,
    tenant: Tenant,
    document: str,
    actor: Person | None,
    reason: str,
    republishes: Release | None = None,
) -> Release:
    """Make a document what a tenant is served with: one transaction gives it the next number and moves the pointer.

    `document` is its text, which is stored as it is: what was approved under a digest is published under it, whichever
    version of MUSE has written it.

    `republishes`: the release whose document this is, for a rollback. `actor` None is the platform itself. Scoring
    processes are told when the transaction commits. The caller has checked who may do that. Raises ValidationError for
    a document that cannot be served, naming the place in it.
    """
    _check(tenant, document)
    with tenant_scope(tenant.pk):
        Tenant.objects.select_for_update(no_key=True).get(pk=tenant.pk)  # one publication of a tenant at a time
        release = Release.objects.create(
            tenant=tenant,
            number=_next_number(tenant),
            document=document,
            digest=documents.digest(document.encode()),
            published_by=actor,
            reason=reason,
            republishes=republishes,
        )
        CurrentRelease.objects.update_or_create(tenant=tenant, defaults={"release": release})
        audit.record(
            actor=actor,
            tenant=tenant,
            act=AuditAction.ROLL_BACK if republishes else AuditAction.PUBLISH,
            subject=release,
            reason=reason,
            details=_details(release, republishes),
        )
        announce_on_commit(tenant=tenant.slug, release=release.number)
    return release


def as_invalid(error: DocumentError) -> ValidationError:
    """The refusal of a document that cannot be served, at its place in the document."""
    place, _, message = str(error).partition(": ")
    return ValidationError({place: [message]} if message else {"routes": [str(error)]})


def _check(tenant: Tenant, text: str) -> None:
    try:
        found = documents.decode(text).tenant
    except DocumentError as error:
        raise as_invalid(error) from None
    if found != tenant.slug:
        raise ValidationError({"tenant": [f"expected {tenant.slug}, found {found}"]})


def _next_number(tenant: Tenant) -> int:
    latest = Release.objects.filter(tenant=tenant).order_by("-number").values_list("number", flat=True).first()
    return (latest or 0) + 1


def _details(release: Release, republishes: Release | None) -> dict[str, Any]:
    return {"digest": release.digest, **({"republishes": republishes.number} if republishes else {})}
