"""History: of each table that decides what is served, every row as it was written, changed and deleted.

The database's own triggers keep it (django-pghistory), so no path around the services can leave it out.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import pghistory
from django.db import models
from django_scopes import ScopedManager
from pghistory.models import Event

Tracked = TypeVar("Tracked", bound=models.Model)


class History(Event):
    """A row of a table at one moment. `pgh_label`: insert, update or delete; `pgh_context`: tenants.origin."""

    pgh_id = models.BigAutoField(primary_key=True)
    pgh_tracked_model: Any

    class Meta:
        abstract = True
        verbose_name_plural = "history"


def keep_history(*, without: tuple[str, ...] = ()) -> Callable[[type[Tracked]], type[Tracked]]:
    """Keep the history of a model, in a table beside its own, for good.

    `without`: fields that it must not hold (secrets), need not (what is big and never changes) or should not (what
    changes all the time and decides nothing). A write that changes only these leaves no row.
    """

    def decorate(model: type[Tracked]) -> type[Tracked]:
        return pghistory.track(
            pghistory.InsertEvent(),
            pghistory.UpdateEvent(),
            pghistory.DeleteEvent(),
            exclude=list(without),
            base_model=History,
            context_field=pghistory.ContextJSONField(),
            context_id_field=pghistory.ContextUUIDField(db_index=True),
            attrs={"objects": _manager(model)},
        )(model)

    return decorate


def _manager(model: type[models.Model]) -> models.Manager[models.Model]:
    """History is as far out of sight as its rows: outside of the scope, there is none."""
    if model._meta.object_name == "Tenant":
        return ScopedManager(tenant="pgh_obj")
    has_tenant = "tenant" in {each.name for each in model._meta.fields}
    return ScopedManager(tenant="tenant") if has_tenant else models.Manager()
