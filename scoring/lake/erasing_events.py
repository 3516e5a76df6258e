"""Erasing the recorded events of one person (one card, one account): of one value of a feature, and their labels.

What is counted of them stays, for counts name nobody. The files that held them are removed by the daily upkeep, a day
after no version of their table needs them.
"""

import hashlib
import hmac
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable
from django.apps import apps
from django.conf import settings
from django.utils import timezone

from scoring.lake import delta
from scoring.lake.names import columns_of, doubtful_columns
from scoring.models import ConsumerLane, QuarantinedTable
from tenants.audit_terms import AuditAction
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tenants.services import audit

PORTION = 500  # ids in one condition
PAUSE_SECONDS = 0.2
_TRUTH = {"true": True, "false": False}

Value = str | int | float | bool


@dataclass(frozen=True)
class Erased:
    """How many rows were deleted. `all_written`: nothing scored before was still on its way to its table."""

    events: int
    labels: int
    all_written: bool


def erase_events(*, tenant: Tenant, feature: str, text: str, reason: str = "", seconds: float = 120.0) -> Erased:
    """Erase the events of a tenant, of all intents, whose feature has the value that a text means.

    Waits up to some seconds for consumers to write what was scored before. Broken off, it is to be run again. For
    operators, who answer for it. Raises DeltaError or OSError when the lake does not answer.
    """
    all_written = _wait_until_written(tenant, timezone.now(), seconds)
    tables = delta.table_names(("events",), tenant.pk)
    counts = [_erase(name, feature, text) for name in tables]
    erased = Erased(sum(events for events, _ in counts), sum(labels for _, labels in counts), all_written)
    details = {"feature": feature, "value": mark_of(text), "events": erased.events, "labels": erased.labels}
    with platform_scope():
        audit.record(actor=None, act=AuditAction.ERASE_EVENTS, subject=tenant, tenant=tenant, reason=reason,
                     details=details)  # fmt: skip
    return erased


def mark_of(text: str) -> str:
    """What the audit trail has in place of the value: who has the value and the secret key can tell it was that one."""
    return hmac.new(settings.SECRET_KEY.encode(), f"erased {text}".encode(), hashlib.sha256).hexdigest()


def _wait_until_written(tenant: Tenant, since: datetime, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not (written := _is_written(tenant, since)) and time.monotonic() < end:
        time.sleep(PAUSE_SECONDS)
    return written


def _is_written(tenant: Tenant, since: datetime) -> bool:
    """Whether every machine's consumer has spoken since then, with nothing left to write, in quarantine neither."""
    with platform_scope():
        lanes = list(ConsumerLane.objects.all())
        waiting = QuarantinedTable.objects.filter(tenant=tenant).exists()
    return not waiting and all(lane.seen_at > since and not lane.behind_bytes for lane in lanes)


def _erase(name: delta.TableName, feature: str, text: str) -> tuple[int, int]:
    """The events last: broken off, they are found again, and what is to go with them."""
    table = delta.open_table(name)
    if table is None or not (conditions := list(_conditions(table, name, feature, text))):
        return 0, 0
    ids = _ids(table, conditions)
    _delete_rows(name, ids)
    labels = delta.open_table(delta.TableName(name.tenant, name.intent, "labels"))
    gone = _deleted(labels, _with_ids(ids)) if labels is not None else 0
    return _deleted(table, (f"{_quoted(column)} = {_literal(value)}" for column, value in conditions)), gone


def _conditions(table: DeltaTable, name: delta.TableName, feature: str, text: str) -> Iterator[tuple[str, Value]]:
    """Yield each column that has or may have the feature, with the value that the text means there.

    Columns of a former version may hold other features too: rather one event too many than one that stays.
    """
    known = delta.schema_of(table)
    for column in [*columns_of("feature", feature, known), *doubtful_columns("feature", feature, known)]:
        value = _value(text, known[column])
        if value is not None:
            yield column, value


def _value(text: str, kind: pa.DataType) -> Value | None:
    try:
        if pa.types.is_boolean(kind):
            return _TRUTH.get(text)
        if pa.types.is_integer(kind):
            return int(text)
        return float(text) if pa.types.is_floating(kind) else text
    except ValueError:
        return None  # the column cannot hold it


def _ids(table: DeltaTable, conditions: Sequence[tuple[str, Value]]) -> list[str]:
    found: set[str] = set()
    for column, value in conditions:
        rows = table.to_pyarrow_dataset().to_table(columns=["event_id"], filter=pc.field(column) == value)
        found.update(pa.table(rows).column("event_id").to_pylist())
    return sorted(found)


def _delete_rows(name: delta.TableName, ids: Sequence[str]) -> None:
    """Delete what is kept of these events in Postgres, whichever tables have rows of single events."""
    with tenant_scope(name.tenant):
        for model in apps.get_models():
            if {"tenant", "intent", "event_id"} <= {field.name for field in model._meta.concrete_fields}:
                model._default_manager.filter(tenant=name.tenant, intent=name.intent, event_id__in=ids).delete()


def _with_ids(ids: Sequence[str]) -> Iterator[str]:
    for start in range(0, len(ids), PORTION):
        yield f"event_id IN ({', '.join(map(_literal, ids[start : start + PORTION]))})"


def _deleted(table: DeltaTable, predicates: Iterable[str]) -> int:
    return sum(int(table.delete(predicate).get("num_deleted_rows") or 0) for predicate in predicates)


def _quoted(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def _literal(value: Value) -> str:
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return repr(value).lower()
