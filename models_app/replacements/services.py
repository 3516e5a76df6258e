"""Proposing for many tenants at once, and stopping it; `run.py` does the work."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from models_app.catalog.models import PredictorVersion
from models_app.inputs.errors import invalid
from models_app.releases.publish import checked_reason
from models_app.replacements.fits import read_bulk_source
from models_app.replacements.models import Replacement, ReplacementLine
from models_app.replacements.routes import answered_by
from models_app.transforms.models import Fit
from models_app.work.lease import line as log_line
from models_app.work.workers import give_out_after_commit
from scoring import releases
from scoring.engine import document as documents
from tenants.audit_terms import AuditAction
from tenants.models import Person, Tenant
from tenants.permissions import require
from tenants.refusals import Conflict
from tenants.roles import Permission
from tenants.scope import platform_scope
from tenants.services import record

Intents = Mapping[int, list[str]]  # by tenant id


def create_replacement(
    *,
    actor: Person | None,
    title: str,
    reason: str,
    replaced: PredictorVersion,
    predictor: PredictorVersion,
    source: Any,
    intents: Sequence[Mapping[str, str]] | None = None,
) -> Replacement:
    """Have `predictor` proposed wherever `replaced` answers now, or in these intents ({"tenant", "intent"}) only.

    A worker makes each tenant's fits and change request, with evidence, and submits what passes. Raises ValidationError
    naming the field, where nothing is answered by `replaced` too.
    """
    require(actor, Permission.PROPOSE)
    if replaced == predictor:
        raise invalid("predictor", f"expected another than {replaced.key}, which is to be replaced")
    if not 0 < len(title.strip()) <= 200:
        raise invalid("title", f"expected 1 to 200 characters, found {len(title.strip())}")
    kind, checked = source.get("kind") if isinstance(source, dict) else None, read_bulk_source(source)
    assert checked.as_of is not None
    weighted = {} if checked.half_life_days is None else {"half_life_days": checked.half_life_days}
    with transaction.atomic(), platform_scope():
        using = _using(replaced)
        wanted = using if intents is None else _wanted(using, intents, replaced)
        if not wanted:
            raise invalid("replaced", f"{replaced.key} answers in no intent; there is nothing to replace")
        replacement = Replacement.objects.create(
            title=title.strip(),
            reason=checked_reason(reason),
            author=actor,
            replaced=replaced,
            predictor=predictor,
            source={"kind": kind, "days": checked.days, "as_of": checked.as_of.isoformat(), **weighted},
        )
        lines = [
            ReplacementLine(replacement=replacement, tenant_id=each, intents=names) for each, names in wanted.items()
        ]
        ReplacementLine.objects.bulk_create(lines)
        details = {"replaced": replaced.key, "predictor": predictor.key, "tenants": len(lines)}
        record(actor=actor, act=AuditAction.PROPOSE_FOR_MANY, subject=replacement, reason=reason, details=details)
        give_out_after_commit(*lines)
    return replacement


def cancel_replacement(*, actor: Person | None, replacement: Replacement, reason: str = "") -> Replacement:
    """Stop what has not ended: lines, and their fits. Change requests that are made already stay as they are."""
    require(actor, Permission.PROPOSE)
    now = timezone.now()
    with transaction.atomic(), platform_scope():
        lines = ReplacementLine.objects.select_for_update().filter(
            replacement=replacement, state__in=ReplacementLine.ACTIVE
        )
        stopped = list(lines.order_by("pk"))
        if not stopped:
            raise Conflict(f"{replacement} has ended already")
        for line in stopped:
            line.state, line.finished_at = ReplacementLine.State.CANCELLED, now
            line.log = [*line.log, log_line("cancelled")]
        ReplacementLine.objects.bulk_update(stopped, ["state", "finished_at", "log"])
        fits = Fit.objects.filter(line__in=stopped, state__in=Fit.ACTIVE)
        fits.update(state=Fit.State.CANCELLED, finished_at=now)
        replacement.cancelled_at = now
        replacement.save(update_fields=["cancelled_at"])
        details = {"tenants": len(stopped)}
        record(actor=actor, act=AuditAction.CANCEL_PROPOSAL, subject=replacement, reason=reason, details=details)
    return replacement


# ---- where a predictor answers


def _using(predictor: PredictorVersion) -> Intents:
    """The intents that the predictor answers in, by tenant."""
    found = {}
    for pointer in releases.current_of(predictor.key).order_by("tenant__slug").iterator(chunk_size=50):
        names = answered_by(documents.decode(pointer.release.document), predictor.key)
        if names:
            found[pointer.tenant_id] = names
    return found


def _wanted(using: Intents, intents: Sequence[Mapping[str, str]], predictor: PredictorVersion) -> Intents:
    if not intents:
        raise invalid("intents", "expected at least one, found none; leave the field out for all")
    slugs = {tenant.slug: tenant.pk for tenant in Tenant.objects.filter(pk__in=using)}
    found: dict[int, list[str]] = {}
    for number, each in enumerate(intents):
        tenant_id = slugs.get(each["tenant"])
        if tenant_id is None or each["intent"] not in using[tenant_id]:
            text = f"expected an intent that {predictor.key} answers in, found {each['intent']} of {each['tenant']}"
            raise invalid(f"intents[{number}]", text)
        names = found.setdefault(tenant_id, [])
        names += [each["intent"]] if each["intent"] not in names else []
    return found
