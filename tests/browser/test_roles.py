"""Each role sees and may do just what its table says: by the acts that pages offer, and by sending the others."""

from collections.abc import Callable, Iterator, Sequence
from itertools import product as product_of

import httpx
import pytest

from models_app.console.ui.actions import ActionForm
from models_app.incidents.models import Incident
from models_app.replacements.models import Replacement
from models_app.transforms.models import Fit
from muse_site.driving.pictures.addresses import PAGES, filled
from muse_site.driving.running import Product
from tenants.models import AuditEntry
from tenants.roles import Role
from tenants.scope import platform_scope
from tests.browser.people import Visitor
from tests.factories import World, make_person, serve
from tests.test_console_pages import add_rows

pytestmark = [pytest.mark.live, pytest.mark.browser]

# What people are told (the table on every page of members), written down once more: permission → the least role for it.
LEAST = {
    "view": Role.VIEWER,
    "fit": Role.ANALYST,
    "propose changes": Role.ANALYST,
    "approve": Role.APPROVER,
    "manage tenant": Role.ADMIN,
}
OF_THE_PLATFORM = {
    "view shared models": Role.VIEWER,
    "edit shared models": Role.ANALYST,
    "publish": Role.ADMIN,
    "manage platform": Role.ADMIN,
}
RANKS = list(Role)
# Of some pages: an act that every role from this one on is offered.
OFFERED = {
    ("tenants/acme/changes/1", "comment"): Role.VIEWER,
    ("tenants/acme/changes/1", "edit"): Role.ANALYST,
    ("tenants/acme/transforms", "cold_start"): Role.ANALYST,
    ("tenants/acme/keys", "create"): Role.ADMIN,
    ("tenants/acme/members", "give"): Role.ADMIN,
}


@pytest.fixture
def world(product: Product) -> World:
    world = serve("acme")
    add_rows(world)
    return world


def test_roles__on_every_page__are_offered_and_may_do_what_the_table_says(
    world: World, visit: Callable[..., Visitor]
) -> None:
    pages = list(_pages(world))
    refused = {}
    for role, tenant in product_of(Role, (world.tenant, None)):
        person = visit(make_person(role=role, tenant=tenant))
        refused[role, tenant is None] = sum(_refused(person, *page, _allowed(role, tenant is None)) for page in pages)
        for (path, act), least in OFFERED.items():
            assert (act in _offered(person, path)) == (RANKS.index(role) >= RANKS.index(least)), f"{role}: {path} {act}"
    assert refused[Role.ADMIN, True] == 0
    assert all(count > 5 for who, count in refused.items() if who != (Role.ADMIN, True)), refused


def _allowed(role: Role, of_platform: bool) -> set[str]:
    table = LEAST | (OF_THE_PLATFORM if of_platform else {})
    return {act for act, least in table.items() if RANKS.index(role) >= RANKS.index(least)}


def _refused(person: Visitor, path: str, acts: Sequence[type[ActionForm]], allowed: set[str]) -> int:
    """How many of a page's acts are not for the person: they are not offered, and refused when they are sent."""
    denied = [act.name for act in acts if act.needs is not None and act.needs.value not in allowed]
    offered = _offered(person, path)
    for act in denied:
        assert act not in offered, f"/{path} offers {act} to {person.email}"
        assert _sent(person, path, act) in (403, 404), f"/{path} does {act} for {person.email}"
    return len(denied)


def _pages(world: World) -> Iterator[tuple[str, Sequence[type[ActionForm]]]]:
    with platform_scope():
        rows = {"fit": Fit.objects.filter(tenant=world.tenant), "proposal": Replacement.objects.all()}
        rows["incident"] = Incident.objects.filter(tenant=world.tenant)
        place = {name: found.earliest("pk").pk for name, found in rows.items()}
        place["entry"] = AuditEntry.objects.filter(tenant=world.tenant).earliest("pk").pk
    place |= {"tenant": "acme", "intent": world.intent.name, "transform": world.transform.pk, "change": 1, "number": 1}
    place |= {"version": 1, "name": world.model.name, "event_id": "none", "of": "intent", "key": world.intent.pk}
    for path, entry in zip(filled(place), PAGES.values(), strict=True):
        if actions := entry.callback.view_class.actions:
            yield path, actions


def _offered(person: Visitor, path: str) -> set[str]:
    """Names of the acts whose forms are on a page; none where there is no such page for the person."""
    with person.expecting(404):
        answer = person.page.goto(f"{person.address}/{path}")
    assert answer is not None
    if answer.status == 404:
        return set()
    return set(person.page.locator("input[name=act]").evaluate_all("found => found.map((each) => each.value)"))


def _sent(person: Visitor, path: str, act: str) -> int:
    cookies = {each["name"]: each["value"] for each in person.context.cookies()}
    sent = {"act": act, "csrfmiddlewaretoken": cookies["csrftoken"]}
    return httpx.post(f"{person.address}/{path}", data=sent, cookies=cookies, trust_env=False).status_code
