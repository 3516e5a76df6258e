"""The wall between tenants, in what is sent: a body that names something of `theirs` below an address of ours."""

import json

import pytest
from pytest_django import Settings

from tenants.roles import Role
from tenants.scope import platform_scope
from tenants.services import create_personal_token
from tests.factories import make_person
from tests.isolation.standing import behind_each
from tests.isolation.wall import CONSOLE, Wall

# What a body may name below our own tenant: theirs, written as its address names it, and as nobody's would be.
_FIT = {"predictor": "PREDICTOR", "reference": "REFERENCE"}
REFERENCES = {
    "fits of their intent": ("fits", lambda name, number: {"intent": name, **_FIT, "source": {"kind": "recorded"}}),
    "fits from their sample": (
        "fits",
        lambda name, number: {"intent": "card-payments", **_FIT, "source": {"kind": "sample", "sample": number}},
    ),
    "transforms of their intent": ("transforms", lambda name, number: {"intent": name, **_FIT}),
    "releases with their transform": (
        "releases",
        lambda name, number: {
            "reason": "x",
            "routes": {"card-payments": [{"name": "all", "live": {"predictor": "PREDICTOR", "transform": number}}]},
        },
    ),
    "releases of their intent": (
        "releases",
        lambda name, number: {
            "reason": "x",
            "routes": {name: [{"name": "all", "live": {"predictor": "PREDICTOR", "transform": number}}]},
        },
    ),
    "changes with their transform": (
        "changes",
        lambda name, number: {
            "title": "x",
            "reason": "x",
            "routes": {"card-payments": [{"name": "all", "live": {"predictor": "PREDICTOR", "transform": number}}]},
        },
    ),
    "changes that bring back their release": (
        "changes",
        lambda name, number: {"title": "x", "reason": "x", "republishes": 999 if name == "no-intent" else number},
    ),
    "rollback to their release": ("releases/rollback", lambda name, number: {"number": number, "reason": "x"}),
}


@pytest.mark.parametrize("what", REFERENCES)
def test_body__that_names_theirs_below_our_tenant__is_refused_as_if_it_were_not_there(
    wall: Wall, settings: Settings, what: str
) -> None:
    """Even where somebody who may see both tenants sends it: a tenant is only made of what is its own."""
    settings.ROOT_URLCONF = CONSOLE
    admin_token = create_personal_token(person=make_person(role=Role.ADMIN), name="tests", actor=None)[1]
    behind_each(lambda: _is_refused(wall, admin_token, what))


def _is_refused(wall: Wall, token: str, what: str) -> None:
    path, body = REFERENCES[what]
    number = {"fits": "sample", "releases": "transform", "releases/rollback": "number"}.get(path, "transform")
    statuses = set()
    for name, theirs in (("hidden-intent", wall.parameters[number]), ("no-intent", 2**31 - 1)):
        text = json.dumps(body(name, theirs)).replace("PREDICTOR", wall.theirs.predictor.key)
        sent = json.loads(text.replace("REFERENCE", wall.theirs.transform.reference.key))
        answer = wall.call("POST", f"/api/v1/tenants/acme/{path}", token, sent)
        statuses.add(answer.status_code)
    assert statuses in ({404}, {422}), answer.content
    with platform_scope():
        assert wall.ours.tenant.releases.count() == 1
        assert not wall.ours.tenant.fits.exists()
        assert wall.ours.tenant.transforms.count() == 1
