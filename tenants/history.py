"""Reading history: how an object came to be as it is, and what one request or task has written."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import connection
from django.db.models import Model
from django.utils.text import slugify

from tenants.models import History, Tenant

MOST = 100
OWN = ("id", "tenant_id", "created_at")  # say nothing about what changed

# Both states of a row in one query, whatever its table: what it became, and what it was before.
_STEPS = """SELECT %s::text, h.pgh_obj_id, h.pgh_label, h.pgh_created_at, h.pgh_context_id, h.pgh_context, h.pgh_id,
    to_jsonb(h), (SELECT to_jsonb(p) FROM {table} p WHERE p.pgh_obj_id = h.pgh_obj_id AND p.pgh_id < h.pgh_id
        ORDER BY p.pgh_id DESC LIMIT 1)
    FROM {table} h WHERE h.{column} = %s{and_tenant}"""


@dataclass(frozen=True)
class Difference:
    """What a field was and became. `kind`: of the object that it names, where that has a history of its own."""

    field: str
    before: Any
    after: Any
    kind: str = ""


@dataclass(frozen=True)
class Step:
    """An insert, update or delete of the object `key` of a `kind`, and where it came from (tenants.origin)."""

    kind: str
    key: int
    label: str
    at: datetime
    origin: UUID | None
    context: Mapping[str, Any]
    differences: tuple[Difference, ...]


def kinds(tenant: Tenant | None) -> Mapping[str, type[History]]:
    """What has a history, by the name that addresses use: of a tenant, or (None) of everything."""
    return {kind: model for kind, model in _histories().items() if tenant is None or _owner(model)}


def steps_of(*, kind: str, key: int, tenant: Tenant | None) -> list[Step]:
    """The latest steps of one object, newest first; none where it does not exist in the scope or in the tenant."""
    known = kinds(tenant)
    return _steps({kind: known[kind]}, "pgh_obj_id", key, tenant) if kind in known else []


def steps_from(*, origin: UUID | None, tenant: Tenant | None) -> list[Step]:
    """What one request or task has written, newest first."""
    return _steps(kinds(tenant), "pgh_context_id", origin, tenant) if origin else []


def _steps(models: Mapping[str, type[History]], column: str, value: Any, tenant: Tenant | None) -> list[Step]:
    parts, parameters = [], []
    for kind, model in models.items():
        owner = f" AND h.{_owner(model)} = %s" if tenant else ""
        parts.append(_STEPS.format(table=f'"{model._meta.db_table}"', column=column, and_tenant=owner))
        parameters += [kind, value, *([tenant.pk] if tenant else [])]
    with connection.cursor() as cursor:
        cursor.execute(f"{' UNION ALL '.join(parts)} ORDER BY 4 DESC, 7 DESC LIMIT {MOST}", parameters)
        return [_step(models, *row) for row in cursor.fetchall()]


def _step(models: Mapping[str, type[History]], kind: str, key: int, label: str, *rest: Any) -> Step:
    at, origin, context, _, after, before = rest
    now, was = json.loads(after), json.loads(before or "{}")
    if label == "delete":
        now, was = {}, now
    found = tuple(_differences(models[kind], was, now))
    return Step(kind, key, label, at, origin, json.loads(context or "{}"), found)


def _differences(model: type[History], before: dict[str, Any], after: dict[str, Any]) -> Iterable[Difference]:
    for field in model._meta.concrete_fields:
        column = str(field.column)
        was, now = before.get(column), after.get(column)
        if was != now and column not in OWN and not column.startswith("pgh_"):
            named = field.related_model if isinstance(field.related_model, type) else None
            yield Difference(field.name, was, now, kind_of(named) if named else "")


def kind_of(model: type[Model] | Model) -> str:
    """Return the kind of a table, or of a row of it, as addresses name it: `change-request`."""
    return slugify(str(model._meta.verbose_name))


@cache
def _histories() -> Mapping[str, type[History]]:
    found = [model for model in apps.get_models() if issubclass(model, History)]
    return {kind_of(model.pgh_tracked_model): model for model in found}


def _owner(model: type[History]) -> str:
    """The column that says whose a row is; "" for what the platform shares."""
    if model.pgh_tracked_model is Tenant:
        return "pgh_obj_id"
    return "tenant_id" if "tenant" in {field.name for field in model._meta.fields} else ""
