"""A rollback goes back only: whoever has undone a release does not bring it live again alone, by any way in."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from models_app.changes import drafting, reviewing
from models_app.changes.guard import roll_back_failed
from models_app.changes.rollback import roll_back, standing
from scoring import releases
from scoring.models import Release
from tenants.models import Person
from tenants.refusals import Conflict
from tests.factories import add_evidence, make_transform
from tests.models_app.changes.conftest import Case
from tests.models_app.changes.test_api import Api
from tests.models_app.changes.test_guard import says_that_it_failed


def publish(case: Case, **proposed: Any) -> int:
    """Propose, have another approve it; the number under which it is live."""
    tenant = case.world.tenant
    case.change = drafting.create_change(actor=case.author, tenant=tenant, title="x", reason="x", **proposed)
    add_evidence(case.change)
    reviewing.submit(actor=case.author, change=case.change)
    reviewing.approve(actor=case.approver, change=case.change, **case.seen)
    return case.live


def publish_other(case: Case, middle: float) -> int:
    transform = make_transform(case.world.intent, case.world.predictor, y=(0.0, middle / 2, middle, 0.9, 1.0))
    route = {"name": "all", "live": {"predictor": case.world.predictor.key, "transform": transform.pk}}
    return publish(case, routes={case.world.intent.name: [route]})


def of(case: Case, number: int) -> Release:
    return Release.objects.get(tenant=case.world.tenant, number=number)


def back_to(case: Case, number: int, actor: Person | None = None) -> int:
    roll_back(
        actor=actor or case.approver, tenant=case.world.tenant, release=of(case, number), reason="too many alerts"
    )
    return case.live


@pytest.fixture
def three(case: Case) -> Case:
    """Releases 2, 3 and 4 were approved, each another; 4 is live."""
    assert [publish_other(case, middle) for middle in (0.3, 0.4, 0.5)] == [2, 3, 4]
    return case


def by_service(case: Case, number: int) -> str:
    with pytest.raises(Conflict) as refused:
        back_to(case, number)
    return str(refused.value)


def by_the_platform(case: Case, number: int) -> str:
    """As from a shell, where nobody is asked who they are."""
    with pytest.raises(Conflict) as refused:
        roll_back(actor=None, tenant=case.world.tenant, release=of(case, number), reason="because")
    return str(refused.value)


def by_rest(case: Case, number: int) -> str:
    approver = Api(case.approver, case.world.tenant.slug)
    answer: Any = approver.call("POST", "releases/rollback", {"number": number, "reason": "because"})
    assert answer.status_code == 409
    return str(answer.json()["detail"])


def by_page(case: Case, number: int) -> str:
    """Which offers a change request instead; who sends the form all the same is refused."""
    client, at = Client(), f"/tenants/{case.world.tenant.slug}/releases/{number}"
    client.force_login(case.approver)
    client.post(at, {"act": "roll_back", "based_on": str(case.live), "reason": "because"})
    page = client.get(at).content.decode()
    assert ('id="roll_back"' in page, 'id="again"' in page) == (False, True)
    return page


@pytest.mark.parametrize("way", [by_service, by_the_platform, by_rest, by_page])
def test_roll_back__to_what_was_just_undone__is_refused_by_every_way_in(
    three: Case, way: Callable[[Case, int], str]
) -> None:
    assert back_to(three, 3) == 5
    assert "release 4 was undone by a rollback; propose it as a change request" in " ".join(way(three, 4).split())
    assert three.live == 5


def test_roll_back__again_and_again__goes_on_backwards_to_the_first_that_was_approved(three: Case) -> None:
    assert [back_to(three, 3), back_to(three, 2)] == [5, 6]
    assert of(three, 6).digest == of(three, 2).digest
    for undone in (3, 4, 5):
        assert "was undone" in by_service(three, undone)
    assert "never approved" in by_service(three, 1)


def test_roll_back__over_several__undoes_what_lies_between_too(three: Case) -> None:
    assert back_to(three, 2) == 5
    assert publish_other(three, 0.6) == 6
    for undone in (3, 4):
        assert "was undone" in by_service(three, undone)
    assert back_to(three, 5) == 7


def test_roll_back__to_what_was_undone_and_approved_anew__is_served_again(three: Case) -> None:
    back_to(three, 3)
    assert publish(three, republishes=of(three, 4)) == 6
    assert publish_other(three, 0.6) == 7
    assert back_to(three, 6) == 8
    assert of(three, 8).digest == of(three, 4).digest


def test_roll_back__to_a_document_that_was_undone_as_a_later_release__is_refused(three: Case) -> None:
    """Release 2 itself still stands behind 3; what it says was undone as release 5."""
    assert publish(three, republishes=of(three, 2)) == 5
    assert back_to(three, 4) == 6
    assert "release 2 was undone" in by_service(three, 2)
    assert back_to(three, 3) == 7


def test_standing__after_rollbacks__is_what_is_live_and_what_was_before_it(three: Case) -> None:
    back_to(three, 3)
    publish_other(three, 0.6)
    current = releases.current(three.world.tenant)
    assert current is not None
    assert standing(current) == [6, 5, 3, 2, 1]
    assert standing(current, since=5) == [6, 5]


def test_guard__once_what_people_went_back_to_does_not_load__takes_none_that_they_have_undone(three: Case) -> None:
    back_to(three, 3)
    says_that_it_failed(three, 5)
    assert roll_back_failed() == 1
    assert of(three, three.live).digest == of(three, 2).digest
