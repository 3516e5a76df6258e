"""Serving: whether every process serves what is live, in one sentence, and what is wrong if not."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from scoring.models import ConsumerLane, ServingProcess
from tests.factories import World

Visit = Callable[..., Client]


def process(name: str, releases: dict[str, int], **fields: Any) -> None:
    now = timezone.now()
    known = {"machine": "m", "pid": 1, "started_at": now, "seen_at": now, "releases": releases}
    ServingProcess.objects.create(name=name, **known | fields)


def text(client: Client) -> str:
    answer = client.get("/serving")
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_serving__all_serve_what_is_live__says_so(world: World, visit: Visit) -> None:
    process("m/1", {"acme": 1})
    page = text(visit("viewer"))
    assert "Every process serves the live release of 1 tenant." in page
    assert "Tenants not on their live release" not in page


def test_serving__nobody_speaks__says_that_nobody_is_served(world: World, visit: Visit) -> None:
    process("m/1", {"acme": 1}, seen_at=timezone.now() - timedelta(hours=1))
    page = text(visit("viewer"))
    assert "no events are scored" in page
    assert "1 stopped reporting within the last day" in page


@pytest.mark.parametrize(
    ("failures", "words"),
    [
        ({}, "The live release of 1 tenant is not loaded everywhere yet."),
        ({"acme": {"number": 2, "reason": "no such file"}}, "A release does not load for 1 tenant"),
    ],
)
def test_serving__a_process_that_is_apart__is_named_with_the_reason(
    world: World, visit: Visit, failures: dict[str, Any], words: str
) -> None:
    world.publish()
    process("m/1", {"acme": 2})
    process("m/2", {"acme": 1}, failures=failures)
    page = text(visit("viewer"))
    assert words in page
    apart = page[page.index("Tenants not on their live release") : page.index("Scoring processes</h2>")]
    assert "m/2" in apart
    assert "m/1" not in apart
    assert (failures["acme"]["reason"] if failures else "not loaded yet") in apart


def test_serving__events_lost__are_the_first_thing_said(world: World, visit: Visit) -> None:
    process("m/1", {"acme": 1}, lost_events=1_200)
    assert "1,200 events were scored but not recorded" in text(visit("viewer"))


@pytest.mark.parametrize(
    ("behind", "minutes", "state"), [(0, 0, "up to date"), (50_000_000, 0, "behind"), (0, 10, "silent")]
)
def test_serving__lanes__have_a_state(world: World, visit: Visit, behind: int, minutes: int, state: str) -> None:
    process("m/1", {"acme": 1})
    seen = timezone.now() - timedelta(minutes=minutes)
    ConsumerLane.objects.create(machine="m", lane="0", seen_at=seen, behind_bytes=behind)
    page = text(visit("viewer"))
    assert f">{state}</span>" in page[page.index("Event consumers") :]


@pytest.mark.parametrize(
    ("counts", "words"),
    [((1, 0), "A part of 1 segment could not be read"), ((2, 1), "Parts of 3 segments could not be read")],
)
def test_serving__segments_set_aside__are_told_with_their_machine(
    world: World, visit: Visit, counts: tuple[int, int], words: str
) -> None:
    process("m/1", {"acme": 1})
    for lane, count in enumerate(counts):
        ConsumerLane.objects.create(machine="m-hurt", lane=str(lane), seen_at=timezone.now(), set_aside=count)
    page = text(visit("viewer"))
    assert f"{words}: events are missing from the tables." in page
    told = page[page.index("Segments set aside") : page.index("Scoring processes</h2>")]
    assert told.count("m-hurt") == sum(map(bool, counts))
    assert "segments/quarantine" in told


def test_serving__no_segments_set_aside__says_nothing_of_them(world: World, visit: Visit) -> None:
    process("m/1", {"acme": 1})
    ConsumerLane.objects.create(machine="m", lane="0", seen_at=timezone.now())
    page = text(visit("viewer"))
    assert "Every process serves the live release of 1 tenant." in page
    assert "Segments set aside" not in page


def test_serving__is_for_platform_roles(world: World, visit: Visit) -> None:
    assert visit("admin", world.tenant).get("/serving").status_code == 404
