"""An intent that is served by a transform of its own events, and refreshes of it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from models_app import tasks
from models_app.changes.policy import set_policy
from models_app.refreshes.models import Refresh, RefreshPolicy
from models_app.refreshes.order import order_refreshes
from models_app.refreshes.policy import set_refresh_policy
from tenants.models import Person
from tenants.scope import platform_scope
from tests.factories import World, make_webhook
from tests.models_app.replacements.conftest import Fleet, fleet

__all__ = ["Fleet", "Refreshing", "fleet"]


class Refreshing:
    """`world`, refreshed daily on 14 days; `author` has set it so."""

    def __init__(self, world: World, author: Person) -> None:
        self.world, self.author = world, author
        with platform_scope():
            set_refresh_policy(actor=author, intent=world.intent, changes={"window_days": 14.0})
            tolerances = {"tolerance": 0.5, "segment_tolerance": 5.0}  # for there are few events
            set_policy(actor=None, tenant=world.tenant, changes=tolerances)
            make_webhook(world.tenant)
            self.since(timezone.now() - timedelta(days=60))

    def since(self, at: Any) -> None:
        with platform_scope():
            RefreshPolicy.objects.update(since=at)

    def rows(self) -> list[Refresh]:
        """In the order in which they were due."""
        with platform_scope():
            rows = Refresh.objects.select_related("tenant", "policy__intent", "change_request__release")
            return list(rows.order_by("due"))

    def work_off(self) -> Refresh:
        """What workers do; the latest."""
        for each in self.rows():
            tasks.run_work(*each.arguments)
        return self.rows()[-1]

    def due(self, **ago: float) -> Refresh:
        """One that was due so long ago, worked off."""
        assert order_refreshes(now=timezone.now() - timedelta(**ago)) == 1
        return self.work_off()


@pytest.fixture
def refreshing(fleet: Fleet) -> Refreshing:
    return Refreshing(fleet.tenant(events=9_000), fleet.author)  # as many as its thresholds need


@pytest.fixture
def dies() -> Callable[..., None]:
    from django.db import OperationalError

    def die(*_: object, **__: object) -> None:
        raise OperationalError("the worker is killed")

    return die
