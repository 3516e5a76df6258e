"""Which tenants the running code may see: held by django-scopes in the ORM and by row-level security in Postgres.

Both are set together, in one transaction, so neither can be forgotten. Outside a scope the ORM raises ScopeError,
and raw SQL finds no rows.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.db import connection, transaction
from django_scopes import scope
from django_scopes.state import get_scope

from tenants.origin import current

ALL = "*"
# With the scope goes for whom it is opened (tenants.origin): history's triggers read it.
_SET = """SELECT set_config('muse.tenant_ids', %s, true),
    set_config('pghistory.context_id', %s, true), set_config('pghistory.context_metadata', %s, true)"""


@contextmanager
def tenant_scope(*tenant_ids: int) -> Iterator[None]:
    """See these tenants only, in one transaction. Scopes may be nested; the inner one counts."""
    with _allowed(",".join(str(tenant_id) for tenant_id in tenant_ids)), scope(tenant=list(tenant_ids)):
        yield


@contextmanager
def platform_scope() -> Iterator[None]:
    """See all tenants, in one transaction: for platform roles and for the platform's own work."""
    with _allowed(ALL), scope(tenant=None):
        yield


@contextmanager
def _allowed(tenant_ids: str) -> Iterator[None]:
    # The end of a transaction takes its settings back, and where the block fails, so does that of a savepoint.
    before = _names(get_scope().get("tenant", [])) if connection.in_atomic_block else None
    with transaction.atomic():
        _set_local(tenant_ids)
        yield
        if before is not None:
            _set_local(before)


def _names(tenant_ids: Iterable[int] | None) -> str:
    return ALL if tenant_ids is None else ",".join(str(tenant_id) for tenant_id in tenant_ids)


def _set_local(tenant_ids: str) -> None:
    origin = current()
    with connection.cursor() as cursor:
        cursor.execute(_SET, [tenant_ids, *(origin.settings() if origin else ("", ""))])
