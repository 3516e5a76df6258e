"""Alert rates of the last week: by when events occurred, as evidence has them, and when they are called off."""

from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from django.utils import timezone
from pytest_django import Settings

from models_app.changes.evidence import order
from models_app.changes.evidence.models import Evidence
from models_app.changes.evidence.run import compute_evidence
from models_app.changes.models import ReviewPolicy
from models_app.monitoring import alert_rates
from models_app.monitoring.alert_rates import AlertRate
from models_app.statistics.evidence import stored
from scoring.consumer import minutes
from scoring.engine.mapping import QuantileMapping
from scoring.lake import delta
from scoring.models import DayStatistics
from scoring.queue.record import encode
from tenants.scope import platform_scope
from tests.factories import World, make_change, make_reference, make_transform, serve, set_threshold
from tests.scoring.eventlog import consume, event, ids, keep_document, writer

SCORE, DAYS, A_DAY = 0.3, 5, 400


def rate(events: list[int], alerts: list[int], target: float = 0.01, tolerance: float = 0.1) -> AlertRate:
    today = timezone.now().date()
    days = tuple(today - timedelta(days=back) for back in reversed(range(len(events))))
    return AlertRate(1, "cards", "decline", days, tuple(events), tuple(alerts), target, tolerance)


@pytest.fixture
def world(db: None, settings: Settings, tmp_path: Path) -> World:
    settings.LAKE, settings.SERVING_CACHE_DIR = str(tmp_path / "lake"), tmp_path / "serving"
    world = serve()
    set_threshold(world, SCORE)
    return world.publish()


def backfill(world: World, folder: Path) -> None:
    """Events of the last days, all of which are scored now."""
    keep_document(world.document, tenant=world.tenant.pk, number=world.release.number)
    now = int(timezone.now().timestamp() * 1e6)
    transform = world.document.transforms[str(world.transform.pk)]
    probabilities = np.random.default_rng(3).beta(1.0, 4.0, DAYS * A_DAY)
    scores = QuantileMapping(transform.x, transform.y).many(probabilities)
    known = {"tenant": world.tenant.pk, "release": world.release.number, "route": "all"}
    by = {"predictor": world.predictor.key, "transform": world.transform.pk, "scored_at": now}
    rows = (
        event(each, **known, **by, occurred_at=now - 1 - row * (86_400_000_000 // A_DAY), probability=float(p), score=s)
        for row, (each, p, s) in enumerate(zip(ids(DAYS * A_DAY), probabilities, scores.tolist(), strict=True))
    )
    assert writer(folder).append([encode(each) for each in rows])
    consume(folder, flush_events=100_000)
    minutes.count(delta.TableName(world.tenant.pk, world.intent.name, "events"))


def test_of_week__of_a_backfill__is_what_evidence_says_of_what_is_live(world: World, tmp_path: Path) -> None:
    backfill(world, tmp_path / "segments")
    change = make_change(world)
    with platform_scope():
        evidence = order.request_evidence(actor=None, change=change, days=7)
    compute_evidence(world.tenant.pk, evidence.pk)
    with platform_scope():
        ((threshold,),) = (each.thresholds for each in stored.read(Evidence.objects.get(pk=evidence.pk).result).intents)
        (found,) = alert_rates.of_week([world.tenant])
    assert threshold.before is not None
    assert (found.alerts, found.events) == (threshold.before.alerts, threshold.before.n)
    assert 0 < found.alerts < found.events == DAYS * A_DAY
    assert found.target == pytest.approx(threshold.target)


def test_of_week__of_two_transforms__has_the_target_of_each_by_its_events(world: World) -> None:
    other = make_transform(world.intent, world.predictor, reference=make_reference(2.0, 3.0))
    with platform_scope():
        for transform, events in ((world.transform, 3_000), (other, 1_000)):
            DayStatistics.objects.create(
                tenant=world.tenant, intent=world.intent.name, day=timezone.now().date(), transform=transform.pk,
                events=events, alerts={"review": 30}, thresholds={"review": SCORE},
            )  # fmt: skip
        (found,) = alert_rates.of_week([world.tenant])
        references = alert_rates.references({world.transform.pk, other.pk})
    first, second = (float(references[each.pk].alert_rate(SCORE)) for each in (world.transform, other))
    assert second > 1.5 * first
    assert (found.events, found.alerts) == (4_000, 60)
    assert found.target == pytest.approx(0.75 * first + 0.25 * second)


def test_of_week__policy_in_alerts_a_day__is_as_wide_as_a_gate(world: World) -> None:
    with platform_scope():
        ReviewPolicy.objects.create(tenant=world.tenant, alerts_a_day=30.0)
        DayStatistics.objects.create(
            tenant=world.tenant, intent=world.intent.name, day=timezone.now().date(), transform=world.transform.pk,
            events=1_000, alerts={"review": 30}, thresholds={"review": SCORE},
        )  # fmt: skip
        (found,) = alert_rates.of_week([world.tenant])
    assert found.target is not None
    assert found.tolerance == pytest.approx(max(0.1, 30.0 / (1_000 * found.target)))


def test_is_off__far_from_the_target__is_so_whether_above_or_below() -> None:
    assert rate([10_000] * 7, [130] * 7).is_off
    assert rate([10_000] * 7, [70] * 7).is_off
    assert not rate([10_000] * 7, [104] * 7).is_off


def test_is_off__one_alert_where_a_tenth_of_one_is_expected__is_chance() -> None:
    assert not rate([100], [1], target=0.001).is_off
    assert not rate([50], [4], target=0.01).is_off


@pytest.mark.parametrize("pattern", [0.0, 0.3])
def test_is_off__on_target_with_a_weekday_pattern__is_hardly_ever_said(pattern: float) -> None:
    random = np.random.default_rng(2)
    weekly = 1 + pattern * np.array([1, 1, 0, 0, 0, -1, -1])
    off = sum(rate([2_000] * 7, random.poisson(20 * weekly).tolist(), tolerance=0.05).is_off for _ in range(1_000))
    assert off <= 30


def test_interval__of_days_that_differ__is_wider_than_that_of_independent_events() -> None:
    even, uneven = rate([10_000] * 7, [100] * 7), rate([10_000] * 7, [40, 160, 60, 140, 50, 150, 100])
    assert uneven.high - uneven.low > 3 * (even.high - even.low)
