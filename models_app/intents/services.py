"""Making and changing intents. What is served changes only with the next release, which has its own copy."""

import copy
import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from django.db import transaction

from models_app.inputs.errors import invalid
from models_app.inputs.schema import check_distinct, check_storable, read, read_features
from models_app.intents import judgement
from scoring.engine.document import ContextAttribute, Threshold
from tenants.audit_terms import AuditAction
from tenants.models import Intent, Person, Tenant
from tenants.permissions import require
from tenants.refusals import Conflict
from tenants.roles import Permission
from tenants.services import record

NAME_LENGTH = 200
CHANGEABLE = (
    *("description", "features", "context", "thresholds", "idempotency_seconds"),
    *("fall_back_to_previous", "fallback_score"),
    *judgement.SETTINGS,
)


@transaction.atomic
def create_intent(*, tenant: Tenant, name: str, actor: Person | None, features: Any, **settings: Any) -> Intent:
    """What a tenant wants scored, by name.

    `features`, `context`, `thresholds` as lists of the release document's parts (scoring.engine.document);
    `keep_features`: "all", "none" or a list of names. `entity` and the others of models_app.intents.judgement: how
    evidence judges. Raises ValidationError naming the field.
    """
    require(actor, Permission.MANAGE_TENANT, tenant)
    if Intent.objects.filter(tenant=tenant, name=name).exists():
        raise invalid("name", f"{tenant.slug} has an intent '{name}' already; change that one, or take another name")
    intent = Intent(tenant=tenant, name=name)
    _apply(intent, {"features": features, **settings})
    intent.save()
    details = _public(intent, CHANGEABLE)
    record(actor=actor, act=AuditAction.CREATE_INTENT, subject=intent, tenant=tenant, details=details)
    return intent


@transaction.atomic
def change_intent(
    *, intent: Intent, changes: Mapping[str, Any], actor: Person | None, seen: str = "", reason: str = ""
) -> Intent:
    """Change what the next release will have of an intent, or how its evidence judges; its name stays.

    `seen`: the fingerprint of what the author has seen: where it was changed since, it is a conflict (409). Callers see
    to it that a second person has agreed to how evidence judges (models_app.changes.policy_changes).
    """
    require(actor, Permission.MANAGE_TENANT, intent.tenant)
    if not changes:
        return intent
    intent = Intent.objects.select_for_update(of=("self",)).select_related("tenant").get(pk=intent.pk)
    check_seen(intent, seen)
    before = _public(intent, changes)
    _apply(intent, changes)
    intent.save()
    details = {"before": before, "after": _public(intent, changes)}
    act = AuditAction.CHANGE_INTENT
    record(actor=actor, act=act, subject=intent, tenant=intent.tenant, reason=reason, details=details)
    return intent


def check_seen(intent: Intent, seen: str) -> None:
    """Raise Conflict where the intent has another fingerprint by now than what somebody has seen ("": unknown)."""
    if seen not in ("", fingerprint(intent)):
        raise Conflict("it was changed since you opened it; open it anew, and change what it is now")


def tried(intent: Intent, changes: Mapping[str, Any]) -> Intent:
    """The intent as it would be, not saved. Raises as `change_intent` does of what cannot be."""
    copied = copy.copy(intent)
    _apply(copied, changes)
    return copied


def judgement_of(intent: Intent) -> dict[str, Any]:
    """How its evidence judges, by setting."""
    return _public(intent, judgement.SETTINGS)


def fingerprint(intent: Intent) -> str:
    """A fingerprint of all that can be changed of an intent."""
    return hashlib.sha256(msgspec.json.encode(_public(intent, CHANGEABLE), order="sorted")).hexdigest()


def keeps(intent: Intent) -> str | list[str]:
    """Which features the event log keeps, as the release document says it: "all", "none" or names."""
    return intent.kept_features if intent.keep_features == Intent.Keep.LISTED else intent.keep_features


def _apply(intent: Intent, changes: Mapping[str, Any]) -> None:
    for field, value in changes.items():
        if field not in CHANGEABLE:
            raise invalid(field, f"cannot be set; {', '.join(CHANGEABLE)} can")
        check_storable(field, value)
        if field == "keep_features":
            intent.keep_features, intent.kept_features = _kept(value)
        else:
            setattr(intent, field, _READ[field](value) if field in _READ else value)
    _check_kept(intent)
    judgement.check(intent)
    intent.full_clean()


def _features(value: Any) -> Any:
    features = read_features(value)
    for index, feature in enumerate(features):
        _check_name(f"features[{index}].name", feature.name)
    return msgspec.to_builtins(features)


def _context(value: Any) -> Any:
    attributes = read(value, tuple[ContextAttribute, ...], "context")
    _check_names("context", attributes)
    for index, attribute in enumerate(attributes):
        if attribute.values and attribute.type != "string":
            raise invalid(f"context[{index}].values", f"expected none for a {attribute.type}: only strings have them")
    return msgspec.to_builtins(attributes)


def _thresholds(value: Any) -> Any:
    thresholds = read(value, tuple[Threshold, ...], "thresholds")
    _check_names("thresholds", thresholds)
    for index, threshold in enumerate(thresholds):
        if not 0 < threshold.score < 1:
            raise invalid(f"thresholds[{index}].score", f"expected a score between 0 and 1, found {threshold.score}")
        _check_name(f"thresholds[{index}].action", threshold.action)
    return msgspec.to_builtins(thresholds)


_READ = {"features": _features, "context": _context, "thresholds": _thresholds}


def _kept(value: Any) -> tuple[str, list[str]]:
    if value in (Intent.Keep.ALL, Intent.Keep.NONE):
        return value, []
    if not isinstance(value, list | tuple):
        raise invalid("keep_features", f'expected "all", "none" or a list of names of features, found {value!r}')
    return Intent.Keep.LISTED, list(read(value, tuple[str, ...], "keep_features"))


def _check_kept(intent: Intent) -> None:
    known = {feature["name"] for feature in intent.features}
    if unknown := [name for name in intent.kept_features if name not in known]:
        raise invalid("keep_features", f"expected names of features, found {', '.join(unknown)}, not among them")


def _check_names(field: str, parts: Iterable[ContextAttribute | Threshold]) -> None:
    parts = list(parts)
    for index, part in enumerate(parts):
        _check_name(f"{field}[{index}].name", part.name)
    check_distinct(field, parts)


def _check_name(field: str, name: str) -> None:
    if not 0 < len(name) <= NAME_LENGTH or not name.isprintable():
        raise invalid(field, f"expected 1 to {NAME_LENGTH} printable characters, found {name[:NAME_LENGTH]!r}")


def _public(intent: Intent, fields: Iterable[str]) -> dict[str, Any]:
    return {field: keeps(intent) if field == "keep_features" else getattr(intent, field) for field in fields}
