"""Four eyes at every way in, tried: what a guard refuses has written nothing before it was refused.

The matrix (`test_approval_coverage.py`) shows that a guard is reached. Here each path of REST, and acts of pages, are
taken by an admin of the platform who has asked for everything alone, and the statements that reach the database are
looked at: taking back what was written first would look the same from outside, and hold only while one transaction is
around both.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from models_app.changes import reviewing
from models_app.changes.models import ChangeRequest
from models_app.changes.standing_approvals.services import propose_standing_approval
from muse_site.approval_coverage import coverage
from tenants.models import Person
from tenants.roles import Role
from tenants.scope import platform_scope
from tenants.services import create_personal_token
from tests.factories import World, add_evidence, make_change, make_person, make_policy_change, make_replacement, serve

WRITES = ("INSERT", "UPDATE", "DELETE", "MERGE", "COPY", "TRUNCATE")
# Of whoever asks, whatever they ask for: that their token was used, and their session.
ANYHOW = ("tenants_personaltoken", "django_session", "mfa_", "axes_")
# It says of each line what came of it, and keeps that it was asked.
TOLD = {"POST api/v1/proposals/<int:proposal>/approve": "tenants_auditentry"}
# These ask for a policy change: they write what would be, take it back, and keep that it was asked for.
ASKING = {"POST api/v1/policy/changes", "POST api/v1/tenants/<slug:tenant>/policy/changes"}
TENANT, API_TENANT = "tenants/<slug:tenant>", "api/v1/tenants/<slug:tenant>"


@dataclass
class Asked:
    """A tenant in use, in which `root` has asked for all there is to agree to.

    `places`: what stands in addresses; `digest`: that of the bounds of the standing approval.
    """

    world: World
    root: Person
    change: ChangeRequest
    places: dict[str, object]
    digest: str

    @property
    def seen(self) -> dict[str, str]:
        evidence = self.change.evidence.latest("id")
        return {"document_digest": self.change.digest, "evidence_digest": evidence.digest}


@pytest.fixture
def asked(db: None, settings: Settings) -> Asked:
    settings.ENV = {**settings.ENV, "MUSE_BREAK_GLASS": False}
    world = serve("acme").publish(y=(0.0, 0.3, 0.4, 0.6, 1.0))
    root, other = make_person("root@example.com", Role.ADMIN), make_person(role=Role.APPROVER, tenant=world.tenant)
    change = make_change(world, root)
    add_evidence(change)
    with platform_scope():
        reviewing.submit(actor=root, change=change)
        bounds = {"rate_tolerance": 0.3, "mapping_tolerance": 0.3, "until": timezone.now() + timedelta(days=30)}
        of = {"intent": world.intent, "predictor": world.predictor, "reference": world.transform.reference}
        standing = propose_standing_approval(actor=root, reason="because", **of, **bounds)
        member = other.memberships.get()
    role = {"kind": "role", "subject": other.email, "before": {"role": None}, "after": {"role": "approver"}}
    places = {
        "<int:member>": member.pk,
        "<int:person>": other.pk,
        "<int:proposal>": make_replacement(world, change).pk,
        "<int:approval>": standing.number,
        "<int:number>": 1,
    }
    make_policy_change(world.tenant, root)
    make_policy_change(None, root, **role)
    return Asked(world, root, change, places, standing.digest)


Body = Callable[[Asked], dict[str, Any]]

# By path as the matrix has it, what is sent; and (of acts) the name of the act is in it.
REFUSED: dict[str, Body] = {
    f"DELETE {API_TENANT}/members/<int:member>": lambda _: {},
    "PATCH api/v1/people/<int:person>": lambda _: {"role": "approver", "is_active": False, "name": "New"},
    f"PATCH {API_TENANT}/intents/<slug:intent>": lambda _: {"description": "x", "label_maturity_days": 90},
    f"PATCH {API_TENANT}/policy": lambda _: {"tolerance": 0.5},
    "POST api/v1/people": lambda _: {"email": "new@example.com", "role": "approver"},
    "POST api/v1/policy/changes/<int:change>/approve": lambda _: {},
    "POST api/v1/proposals/<int:proposal>/approve": lambda of: {
        "lines": [{"tenant": "acme", **of.seen}], "text": "go",
    },
    f"POST {API_TENANT}/changes/<int:change>/approve": lambda of: of.seen,
    f"POST {API_TENANT}/changes/<int:change>/publish": lambda _: {},
    f"POST {API_TENANT}/members": lambda _: {"email": "root@example.com", "role": "approver"},
    f"POST {API_TENANT}/policy/changes/<int:change>/approve": lambda _: {},
    f"POST {API_TENANT}/releases": lambda of: {"routes": {of.world.intent.name: []}, "reason": "because"},
    f"POST {API_TENANT}/releases/rollback": lambda _: {"number": 1, "reason": "because"},
    f"POST {API_TENANT}/standing-approvals/<int:approval>/approve": lambda of: {"digest": of.digest},
}  # fmt: skip
ACTS: dict[str, Body] = {
    "act agree on people": lambda _: {"number": "1"},
    f"act agree on {TENANT}/policy": lambda _: {"number": "1"},
    f"act approve on {TENANT}/changes/<int:change>": lambda of: of.seen,
    f"act publish on {TENANT}/changes/<int:change>": lambda _: {},
    f"act roll_back on {TENANT}/releases/<int:number>": lambda _: {"based_on": "2", "reason": "because"},
    f"act approve_standing on {TENANT}/intents/<slug:intent>/refreshes": lambda of: {
        "number": of.places["<int:approval>"], "digest": of.digest,
    },
}  # fmt: skip


@contextmanager
def written() -> Iterator[list[str]]:
    """What reaches the database meanwhile and writes."""
    found: list[str] = []

    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.lstrip(" (").upper().startswith(WRITES) and not any(table in sql for table in ANYHOW):
            found.append(sql[:150])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield found


def address(path: str, asked: Asked) -> str:
    places = {"<int:change>": 1, "<slug:tenant>": "acme", "<slug:intent>": asked.world.intent.name, **asked.places}
    for name, value in places.items():
        path = path.replace(name, str(value))
    return f"/{path}"


def test_matrix__of_all_paths_of_rest_that_are_guarded__is_tried_here() -> None:
    guarded = [path.name for path in coverage() if path.guards]
    assert {name for name in guarded if not name.startswith(("act ", "command ", "task ", "work "))} == (
        set(REFUSED) | ASKING
    )
    assert set(ACTS) <= set(guarded)


@pytest.mark.parametrize("name", REFUSED)
def test_path__that_a_guard_refuses__has_written_nothing(asked: Asked, name: str) -> None:
    method, path = name.split(" ", 1)
    token = create_personal_token(person=asked.root, name="tests", actor=None)[1]
    client, body = Client(headers={"authorization": f"Bearer {token}"}), REFUSED[name]
    with platform_scope():
        sent = body(asked)
    with written() as statements:
        answer: Any = client.generic(method, address(path, asked), json.dumps(sent), "application/json")
    assert answer.status_code in (403, 409) or answer.json().get("approved") == 0, answer.content
    assert [sql for sql in statements if not (name in TOLD and TOLD[name] in sql)] == []


@pytest.mark.parametrize("name", ACTS)
def test_act__that_a_guard_refuses__has_written_nothing(asked: Asked, name: str) -> None:
    act, path = name.removeprefix("act ").split(" on ", 1)
    client = Client()
    client.force_login(asked.root)
    with platform_scope():
        sent = ACTS[name](asked)
    with written() as statements:
        answer: Any = client.post(address(path, asked), {"act": act, **sent})
    assert answer.status_code in (302, 403, 409, 422), answer.status_code  # what is not offered leads back to its page
    assert statements == []


def test_written__of_a_write__is_noted(asked: Asked) -> None:
    """Or nothing could fail here."""
    with written() as statements, platform_scope():
        ChangeRequest.objects.filter(pk=asked.change.pk).update(title="Another")
    assert len(statements) == 1
