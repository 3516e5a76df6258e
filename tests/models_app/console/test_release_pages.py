"""Releases: what was live when, what each changed, and going back with a preview of it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from models_app.changes.models import ChangeRequest
from scoring.models import Release, ServingProcess
from tenants.scope import platform_scope
from tests.factories import World, make_change, serve

Visit = Callable[..., Client]


def approved(world: World) -> None:
    """The first release, as if it had gone through a change request."""
    change = make_change(world)
    with platform_scope():
        first = Release.objects.get(tenant=world.tenant, number=1)
        ChangeRequest.objects.filter(pk=change.pk).update(state="published", release=first)


def say(world: World, number: int, **fields: Any) -> None:
    """What a scoring process says of itself."""
    now = timezone.now()
    ServingProcess.objects.create(
        name=f"m/{ServingProcess.objects.count() + 1}", machine="m", pid=ServingProcess.objects.count() + 1,
        started_at=now, seen_at=now, releases={world.tenant.slug: number}, **fields,
    )  # fmt: skip


def text(client: Client, path: str, **query: str) -> str:
    answer = client.get(f"/tenants/acme/{path}", query)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_releases__are_a_line_of_time_with_what_changed_in_words(world: World, visit: Visit) -> None:
    world.publish()
    page = text(visit("viewer"), "releases")
    assert page.index("Release 2</a>") < page.index("Release 1</a>")
    assert "stays live, through transform" in page
    assert "is served for the first time" in page
    assert "roll back to this release" not in page
    assert "releases/1#roll_back" in text(visit("approver"), "releases")


@pytest.mark.parametrize(
    ("served", "words"),
    [
        ([], "no scoring process was active"),
        ([1], "the scoring process serves it"),
        ([1, 1], "both scoring processes serve it"),
        ([1, 0], "1 of 2 scoring processes serve it; the others are loading it"),
    ],
)
def test_releases__say_whether_what_is_live_is_served(
    world: World, visit: Visit, served: list[int], words: str
) -> None:
    for number in served:
        say(world, number)
    assert words in text(visit("viewer"), "releases")


def test_releases__a_live_release_that_does_not_load__is_said_first(world: World, visit: Visit) -> None:
    world.publish()
    say(world, 1, failures={"acme": {"number": 2, "reason": "a file is missing."}})
    page = text(visit("viewer"), "releases")
    assert "Release 2 is live but could not be loaded: a file is missing." in page


def test_releases__names_of_machines__are_for_platform_roles(world: World, visit: Visit) -> None:
    say(world, 1)
    assert "m/1" in text(visit("viewer"), "releases")
    page = text(visit("viewer", world.tenant), "releases")
    assert "m/1" not in page
    assert "process 1" in page


def test_releases__on_many_pages__take_as_many_queries_as_one(world: World, visit: Visit) -> None:
    client, counts = visit("approver"), []
    for _ in range(2):
        text(client, "releases")
        with CaptureQueriesContext(connection) as captured:
            text(client, "releases")
        counts.append(len(captured))
        for _ in range(25):
            world.publish()
    assert counts[0] == counts[1]
    assert "Release 1</a>" in text(client, "releases", page="3")


def test_release__earlier__shows_in_the_dialog_what_going_back_changes(world: World, visit: Visit) -> None:
    approved(world)
    later = world.publish()
    page = text(visit("approver"), "releases/1")
    dialog = page[page.index('id="roll_back"') :]
    dialog = dialog[: dialog.index("</dialog>")]
    assert "as a new release; release 2 stays on record" in dialog
    assert f"through transform {world.transform.pk} (custom) instead of {later.transform.pk}" in dialog


def test_release__rolled_back_to__is_served_again_with_the_reason(world: World, visit: Visit) -> None:
    approved(world)
    world.publish()
    client = visit("approver")
    sent = {"act": "roll_back", "based_on": "2", "reason": "the client asked for it"}
    answer = client.post("/tenants/acme/releases/1", sent)
    assert (answer.status_code, answer["Location"]) == (302, "/tenants/acme/releases/3")
    page = text(client, "releases/3")
    assert "the client asked for it" in page
    assert 'href="/tenants/acme/releases/1">release 1' in page
    assert 'id="roll_back"' not in page


def test_release__never_approved__says_why_and_offers_a_change_request(world: World, visit: Visit) -> None:
    world.publish()
    page = text(visit("approver"), "releases/1")
    assert "This release can only be restored by a change request: release 1 was never approved" in page
    assert 'id="roll_back"' not in page
    assert 'id="again"' in page


def test_release__for_who_only_looks__offers_nothing(world: World, visit: Visit) -> None:
    approved(world)
    world.publish()
    page = text(visit("viewer"), "releases/1")
    assert 'id="roll_back"' not in page
    assert 'id="again"' not in page
    assert "Configuration changes of a rollback from release 2" in page


def test_release__of_another_tenant__is_not_there(world: World, visit: Visit) -> None:
    client = visit("admin", serve("other").tenant)
    assert client.get("/tenants/acme/releases").status_code == 404
    assert client.get("/tenants/acme/releases/1").status_code == 404
