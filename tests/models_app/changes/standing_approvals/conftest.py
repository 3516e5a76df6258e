"""Bounds for refreshes of an intent that is served, and people who may approve them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from models_app.changes.selectors import policy_of
from models_app.changes.standing_approvals import selectors, services
from models_app.changes.standing_approvals.models import StandingApproval
from tenants.models import Person
from tenants.roles import Role
from tenants.scope import platform_scope
from tests.factories import World, make_person, make_webhook, serve


def propose(world: World, author: Person, **changes: Any) -> StandingApproval:
    """Wide bounds for what the world is served by."""
    bounds = {"rate_tolerance": 0.3, "mapping_tolerance": 0.3, "until": timezone.now() + timedelta(days=30)}
    of = {"intent": world.intent, "predictor": world.predictor, "reference": world.transform.reference}
    return services.propose_standing_approval(actor=author, **{"reason": "because"} | of | bounds | changes)


@dataclass
class Bounded:
    """`author` has written it, and may approve those of others; so may `approver` and `second`."""

    world: World
    author: Person
    approver: Person
    second: Person
    approval: StandingApproval

    @property
    def now(self) -> StandingApproval:
        return selectors.standing_approvals(self.world.tenant).get(pk=self.approval.pk)

    @property
    def state(self) -> str:
        return selectors.state_of(self.now)

    @property
    def why_not(self) -> str:
        return selectors.why_it_does_not_hold(self.now, policy_of(self.world.tenant))

    def approve(self, person: Person, **changes: Any) -> None:
        sent = {"approval": self.approval, "digest": self.now.digest}
        services.approve_standing_approval(actor=person, **sent | changes)


def make_bounded() -> Bounded:
    world = serve()
    make_webhook(world.tenant)
    people = [make_person(role=Role.APPROVER, tenant=world.tenant) for _ in range(3)]
    with platform_scope():
        return Bounded(world, *people, propose(world, people[0]))


@pytest.fixture
def build() -> Callable[[], Bounded]:
    return make_bounded


@pytest.fixture
def bounded(db: None, build: Callable[[], Bounded]) -> Iterator[Bounded]:
    """In the platform's scope."""
    found = build()
    with platform_scope():
        yield found
