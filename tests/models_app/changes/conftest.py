"""A tenant that is served, a draft with evidence, and people of each role."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from models_app.changes import selectors
from models_app.changes.evidence.models import Evidence
from models_app.changes.models import ChangeRequest
from scoring import releases
from tenants.models import Person
from tenants.roles import Role
from tenants.scope import platform_scope
from tests.factories import World, add_evidence, make_change, make_person, serve


@dataclass
class Case:
    """One change request, by `author`, who may approve other people's; `approver` and `second` may approve it."""

    world: World
    author: Person
    approver: Person
    second: Person
    change: ChangeRequest

    @property
    def evidence(self) -> Evidence | None:
        return selectors.evidence_of(self.now, releases.current(self.world.tenant))

    @property
    def now(self) -> ChangeRequest:
        """As it is in the database."""
        return selectors.changes(self.world.tenant).get(pk=self.change.pk)

    @property
    def live(self) -> int:
        current = releases.current(self.world.tenant)
        assert current is not None
        return current.number

    @property
    def seen(self) -> dict[str, str]:
        """The digests that somebody sees who looks at it now."""
        evidence = self.evidence
        return {"document_digest": self.now.digest, "evidence_digest": evidence.digest if evidence else ""}


@pytest.fixture
def build() -> Callable[[], Case]:
    return _build


@pytest.fixture
def case(db: None, build: Callable[[], Case]) -> Iterator[Case]:
    """In the platform's scope."""
    case = build()
    with platform_scope():
        yield case


def _build() -> Case:
    world = serve()
    people = [make_person(role=Role.APPROVER, tenant=world.tenant) for _ in range(3)]
    change = make_change(world, author=people[0])
    add_evidence(change)
    return Case(world, *people, change)
