"""When trials are judged: once each, when they are over and their labels are mature, whatever beats and clocks do."""

from collections.abc import Sequence
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.utils import timezone

from models_app.successors.models import SuccessorPolicy, Trial
from models_app.successors.order import order_trials
from models_app.successors.policy import set_successor_policy
from models_app.transforms.models import Transform
from tenants.models import Intent
from tenants.scope import platform_scope
from tests.factories import World, make_model, make_person, make_predictor, make_transform, serve
from tests.models_app.successors.clock import ago

DAY = timedelta(days=1)


def tried(*, shadows: int = 1, since: float = 60.0, released: float = 30.0, maturity: int = 0) -> World:
    """A world whose shadows are tried for 14 days; it was released, and the policy set, so many days ago."""
    world = serve()
    with platform_scope():
        transforms = [make_transform(world.intent, make_predictor(make_model())) for _ in range(shadows)]
        Intent.objects.filter(pk=world.intent.pk).update(label_maturity_days=maturity)
    with ago(released):
        world = world.publish(shadows=transforms)
    with platform_scope():
        policy = set_successor_policy(
            actor=make_person(role="analyst"), intent=world.intent, changes={"trial_days": 14.0}
        )
        SuccessorPolicy.objects.filter(pk=policy.pk).update(since=timezone.now() - since * DAY)
    return world


def of(world: World) -> Sequence[Trial]:
    with platform_scope():
        return list(Trial.objects.filter(tenant=world.tenant).order_by("begin", "pk"))


def over(world: World) -> None:
    with platform_scope():
        Trial.objects.filter(tenant=world.tenant).update(state="failed")


@pytest.mark.django_db
class TestOrder:
    def test_order__of_a_trial_that_is_over__asks_once_and_goes_on_where_it_ended(self) -> None:
        world = tried()
        assert [order_trials(), order_trials()] == [1, 0]
        over(world)
        assert [order_trials(), order_trials()] == [1, 0]
        over(world)
        assert order_trials() == 0  # of 30 days, two times 14 are over
        first, second = of(world)
        assert abs(first.begin - (timezone.now() - 30 * DAY)) < timedelta(minutes=1)
        assert (first.end - first.begin, second.begin) == (14 * DAY, first.end)

    def test_order__before_it_is_over__waits(self) -> None:
        tried(released=13.0)
        assert order_trials() == 0
        assert order_trials(now=timezone.now() + 2 * DAY) == 1

    def test_order__before_labels_are_mature__waits(self) -> None:
        tried(released=30.0, maturity=20)
        assert order_trials() == 0
        assert order_trials(now=timezone.now() + 5 * DAY) == 1

    def test_order__of_what_was_before_the_policy__does_not_count_it(self) -> None:
        tried(since=10.0)
        assert order_trials() == 0

    def test_order__of_a_shadow_that_was_away_between__begins_with_its_return(self) -> None:
        world = tried(released=40.0)
        shadows = [each.transform for each in world.document.intents[world.intent.name].routes[0].shadows]
        with ago(20.0):
            world.publish()
        with ago(15.0):
            world.publish(shadows=_transforms(world, shadows))
        assert order_trials() == 1
        (trial,) = of(world)
        assert abs(trial.begin - (timezone.now() - 15 * DAY)) < timedelta(minutes=1)

    def test_order__of_what_was_released_anew_with_both__goes_on(self) -> None:
        world = tried(released=15.0)
        shadows = [each.transform for each in world.document.intents[world.intent.name].routes[0].shadows]
        world.publish(shadows=_transforms(world, shadows))
        assert order_trials() == 1

    def test_order__of_two_shadows__tries_each(self) -> None:
        world = tried(shadows=2)
        assert order_trials() == 2
        assert len({each.shadow_id for each in of(world)}) == 2

    def test_order__without_a_shadow__asks_for_none(self) -> None:
        tried(shadows=0)
        assert order_trials() == 0

    def test_order__switched_off__asks_for_none(self) -> None:
        tried()
        with platform_scope():
            SuccessorPolicy.objects.update(enabled=False)
        assert order_trials() == 0

    def test_order__clock_that_jumps_ahead_and_back__asks_for_none_twice(self) -> None:
        world, found = tried(released=15.0), []
        for days in (0, 15, 0, -20, 15, 0):
            found.append(order_trials(now=timezone.now() + days * DAY))
            over(world)
        assert found == [1, 1, 0, 0, 0, 0]


@pytest.mark.django_db(transaction=True)
def test_order__by_beats_at_once__asks_once() -> None:
    world, start, found = tried(), Barrier(4), list[int]()

    def beat() -> None:
        start.wait()
        try:
            found.append(order_trials())
        finally:
            connection.close()

    beats = [Thread(target=beat) for _ in range(4)]
    for each in beats:
        each.start()
    for each in beats:
        each.join()
    assert (sorted(found), len(of(world))) == ([0, 0, 0, 1], 1)


def _transforms(world: World, numbers: Sequence[int]) -> list[Transform]:
    with platform_scope():
        return list(world.intent.transforms.filter(pk__in=numbers))
