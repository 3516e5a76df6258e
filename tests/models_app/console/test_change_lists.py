"""Lists of change requests, and proposing one: narrowed as asked, and told in words before it is sent."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from models_app.changes.models import ChangeRequest
from models_app.console.changes.changes import age
from models_app.transforms.models import Transform
from tenants.scope import platform_scope
from tests.factories import World, add_evidence, make_change, make_predictor, make_transform, serve

Visit = Callable[..., Client]


def rows(client: Client, path: str, **query: str) -> str:
    """The listing alone: filters name everything."""
    answer = client.get(f"/{path}", query)
    assert answer.status_code == 200
    page = " ".join(answer.content.decode().split())
    return page[page.index("</form>", page.index('role="search"')) :] if 'role="search"' in page else page


def test_all__narrowed_by_tenant_and_verdict__shows_those_alone(world: World, visit: Visit) -> None:
    other = serve("other")
    add_evidence(make_change(world), "fail")
    add_evidence(make_change(other), "pass")
    client = visit("viewer")
    assert {"Acme" in rows(client, "changes"), "Other" in rows(client, "changes")} == {True}
    for query in ({"tenant": "acme"}, {"verdict": "fail"}):
        found = rows(client, "changes", **query)
        assert "/tenants/acme/changes/1" in found
        assert "/tenants/other/changes/1" not in found


def test_all__for_a_tenants_own_people__have_theirs_alone(world: World, visit: Visit) -> None:
    other = serve("other")
    make_change(world)
    make_change(other)
    client = visit("viewer", other.tenant)
    assert "/tenants/acme/" not in client.get("/changes").content.decode()
    assert client.get("/tenants/acme/changes").status_code == 404


def test_list__what_expires_soon__is_marked_and_found(world: World, visit: Visit) -> None:
    soon, late = make_change(world), make_change(world)
    with platform_scope():
        ChangeRequest.objects.filter(pk=soon.pk).update(expires_at=timezone.now() + timedelta(hours=3))
    client = visit("viewer")
    found = rows(client, "tenants/acme/changes", expiry="soon")
    assert f"changes/{soon.number}" in found
    assert f"changes/{late.number}" not in found
    assert ">soon</span>" in found


def test_list__sorted_by_age__begins_with_the_oldest(world: World, visit: Visit) -> None:
    make_change(world)
    make_change(world)
    found = rows(visit("viewer"), "tenants/acme/changes", sort="age")
    assert found.index("changes/1") < found.index("changes/2")


def test_list__empty__leads_to_the_next_step(world: World, visit: Visit) -> None:
    assert "/tenants/acme/new-change" in rows(visit("analyst"), "tenants/acme/changes")
    assert "Nothing matches" in rows(visit("analyst"), "tenants/acme/changes", q="no such thing")


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (timedelta(seconds=5), "0 min"),
        (timedelta(minutes=59), "59 min"),
        (timedelta(hours=47), "47 h"),
        (timedelta(days=3), "3 d"),
    ],
)
def test_age__is_in_the_unit_that_it_fills(ago: timedelta, words: str) -> None:
    assert age(timezone.now() - ago) == words


def preview(client: Client, **query: Any) -> str:
    answer = client.get("/tenants/acme/new-change", query)
    assert answer.status_code == 200
    page = " ".join(answer.content.decode().split())
    return page[page.index('id="propose-told"') :]


def other_predictor(world: World) -> Transform:
    with platform_scope():
        return make_transform(world.intent, make_predictor(world.model))


@pytest.mark.parametrize(
    ("part", "sentence"),
    [
        ("live", "is live instead of"),
        ("swap", "becomes a shadow"),
        ("shadow", "becomes a shadow, through transform"),
    ],
)
def test_new__chosen_transform__says_what_would_change(world: World, visit: Visit, part: str, sentence: str) -> None:
    transform = other_predictor(world)
    page = preview(visit("analyst"), transform=transform.pk, part=part)
    assert sentence in page
    assert transform.predictor.key in page


def test_new__what_is_live_already__says_that_nothing_changes(world: World, visit: Visit) -> None:
    assert "exactly this is live" in preview(visit("analyst"), transform=world.transform.pk)
    assert "Choose a transform" in preview(visit("analyst"))


def test_new__routes_that_do_not_fit__says_why(world: World, visit: Visit) -> None:
    bad = "- {name: all, live: {predictor: nothing@1, transform: 1}}"
    page = preview(visit("analyst"), intent=world.intent.name, routes=bad)
    assert "This cannot be proposed" in page
    assert "nothing@1" in page


def test_new__without_a_title__is_called_what_it_does(world: World, visit: Visit) -> None:
    transform = other_predictor(world)
    sent = {"act": "propose", "transform": transform.pk, "part": "swap", "reason": "it finds more"}
    answer = visit("analyst").post("/tenants/acme/new-change", sent)
    assert (answer.status_code, answer["Location"]) == (302, "/tenants/acme/changes/1")
    with platform_scope():
        change = ChangeRequest.objects.get(tenant=world.tenant)
    assert (
        change.title == f"Promote {transform.predictor.key} to live for {world.intent.name} (transform {transform.pk})"
    )
    (route,) = change.routes[world.intent.name]
    assert route["name"] == "all"
    assert [each["predictor"] for each in route["shadows"]] == [world.predictor.key]


def test_new__neither_transform_nor_routes__says_so_at_the_field(world: World, visit: Visit) -> None:
    sent = {"act": "propose", "part": "live", "reason": "x"}
    answer = visit("analyst").post("/tenants/acme/new-change", sent)
    assert answer.status_code == 422
    assert "expected a transform" in answer.content.decode()


def test_new__of_another_tenant__is_not_there(world: World, visit: Visit) -> None:
    client = visit("admin", serve("other").tenant)
    assert client.get("/tenants/acme/new-change").status_code == 404


def test_new__transform_of_another_tenant__cannot_be_chosen(world: World, visit: Visit) -> None:
    theirs = serve("other").transform
    sent = {"act": "propose", "transform": theirs.pk, "part": "live", "reason": "x"}
    assert visit("analyst").post("/tenants/acme/new-change", sent).status_code == 422


@pytest.mark.parametrize("looked_for", ["Acme", "acme", "A better"])
def test_all__searched_by_tenant_or_title__finds_it(world: World, visit: Visit, looked_for: str) -> None:
    make_change(world)
    assert "A better transform" in rows(visit("analyst"), "changes", q=looked_for)
