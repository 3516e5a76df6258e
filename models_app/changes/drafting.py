"""Writing a change request: what it proposes is compiled at once, and evidence for it is asked for."""

from datetime import timedelta
from typing import Any

import msgspec
from django.db import transaction
from django.utils import timezone

from models_app.changes.evidence.order import order_evidence, void_approvals
from models_app.changes.models import ChangeRequest
from models_app.changes.selectors import policy_of
from models_app.changes.transitions import EDIT, Standing, held, move
from models_app.inputs.errors import invalid
from models_app.releases.publish import Routes, checked_reason, document_of, lock_current, proposal, read_all_routes
from models_app.transforms.source import read_window
from scoring.models import Release
from tenants.audit_terms import AuditAction
from tenants.models import Person, Tenant
from tenants.permissions import require
from tenants.refusals import Conflict
from tenants.roles import Permission
from tenants.services import record


def create_change(
    *,
    actor: Person | None,
    tenant: Tenant,
    title: str,
    reason: str,
    routes: Any = None,
    republishes: Release | None = None,
    gate_reason: str = "",
    evidence_days: float | None = None,
) -> ChangeRequest:
    """Propose new routes for the intents that are named, or an earlier release again; a draft, with evidence under way.

    `routes`: as JSON, intent → routes; no routes for an intent take it out of service. `evidence_days`: of how many
    days its first evidence is, if not of as many as the policy says. Raises ValidationError naming the field, and
    Conflict where exactly this is served already.
    """
    require(actor, Permission.PROPOSE, tenant)
    with transaction.atomic():
        current = lock_current(tenant)
        change = ChangeRequest(
            tenant=tenant,
            number=_next_number(tenant),
            title=_title(title),
            reason=checked_reason(reason),
            gate_reason=gate_reason.strip(),
            author=actor,
            edited_by=actor,
            republishes=republishes,
            expires_at=timezone.now() + timedelta(days=policy_of(tenant).expires_after_days),
        )
        _compile(change, routes, current)
        change.save()
        details = _details(change)
        record(actor=actor, act=AuditAction.PROPOSE, subject=change, tenant=tenant, reason=reason, details=details)
        window = None if evidence_days is None else read_window(evidence_days, timezone.now())
        order_evidence(change, actor, window)
    return change


def edit_change(
    *,
    actor: Person | None,
    change: ChangeRequest,
    title: str | None = None,
    reason: str | None = None,
    gate_reason: str | None = None,
    routes: Any = None,
) -> ChangeRequest:
    """Change what is given. It is a draft again, and no approval counts any more."""
    with transaction.atomic():
        standing = held(change, actor)
        move(standing, EDIT)
        change = standing.change
        if title is not None:
            change.title = _title(title)
        if reason is not None:
            change.reason = checked_reason(reason)
        if gate_reason is not None:
            change.gate_reason = gate_reason.strip()
        if routes is not None and change.republishes is not None:
            raise invalid("routes", f"expected none: this change brings back release {change.republishes.number}")
        _revise(standing, change.routes if routes is None else routes, "the change request was edited")
    return change


def refresh_change(*, actor: Person | None, change: ChangeRequest) -> ChangeRequest:
    """Compile it again over what is live and configured now; a draft again, with new evidence."""
    with transaction.atomic():
        standing = held(change, actor)
        move(standing, EDIT)
        _revise(standing, standing.change.routes, "it was compiled again")
    return standing.change


def _revise(standing: Standing, routes: Any, because: str) -> None:
    change, before = standing.change, standing.change.digest
    _compile(change, routes, standing.live)
    change.revision += 1
    change.edited_by = standing.actor or change.edited_by
    change.submitted_at = None
    change.save()
    void_approvals(change, because)
    record(actor=standing.actor, act=AuditAction.EDIT, subject=change, tenant=change.tenant, details=_details(change))
    if change.digest != before or standing.evidence is None:
        order_evidence(change, standing.actor)


def _compile(change: ChangeRequest, routes: Any, current: Release | None) -> None:
    """Fill in what would be served, over what is."""
    if change.republishes is not None:
        if routes:
            raise invalid("routes", f"expected none beside release {change.republishes.number}, or no release")
        text, digest = change.republishes.document, change.republishes.digest
        is_new = current is None or digest != current.digest
    else:
        read = read_all_routes(routes)
        change.routes = _plain(read)
        preview = proposal(change.tenant, read, current)
        text, digest = document_of(preview), preview.digest
        is_new = bool(preview.changes)
    if current is not None and not is_new:
        raise Conflict(f"release {current.number} serves exactly this already; there is nothing to change")
    change.document, change.digest, change.based_on = text, digest, current


def _plain(routes: Routes) -> dict[str, Any]:
    return {intent: msgspec.to_builtins(of_intent) for intent, of_intent in routes.items()}


def _next_number(tenant: Tenant) -> int:
    latest = ChangeRequest.objects.filter(tenant=tenant).order_by("-number").values_list("number", flat=True).first()
    return (latest or 0) + 1


def _title(title: str) -> str:
    if not 0 < len(title.strip()) <= 200:
        raise invalid("title", f"expected 1 to 200 characters, found {len(title.strip())}")
    return title.strip()


def _details(change: ChangeRequest) -> dict[str, Any]:
    return {"number": change.number, "revision": change.revision, "digest": change.digest}
