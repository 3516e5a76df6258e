"""An intent that one predictor answers, and another one as its shadow, which knows better what labels will say."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.utils import timezone
from pytest_django import Settings

from models_app import tasks
from models_app.changes.policy import set_policy
from models_app.successors.models import SuccessorPolicy, Trial
from models_app.successors.order import order_trials
from models_app.successors.policy import set_successor_policy
from models_app.transforms.models import Transform
from scoring.services import publish_document
from tenants.roles import Role
from tenants.scope import platform_scope
from tests import recorded
from tests.factories import (
    World,
    make_api_key,
    make_document,
    make_intent,
    make_model,
    make_person,
    make_predictor,
    make_tenant,
    make_transform,
    text_of,
)
from tests.models_app.replacements.conftest import THRESHOLDS
from tests.models_app.successors.clock import ago
from tests.scoring.eventlog import consume, ids, label, write, writer

EVENTS = 6_000
DAYS = 14


class Trying:
    """`world`, in which `shadow` is tried for 14 days beside what is live; they are over since yesterday."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.author = folder, make_person(role=Role.ANALYST)
        tenant = make_tenant()
        intent, (key, token) = make_intent(tenant, thresholds=THRESHOLDS), make_api_key(tenant)
        with platform_scope():
            by_hour, by_amount = make_model(weights=[0.0, 0.05]), make_model(weights=[0.002, 0.0])
            live, self.shadow = make_predictor(by_hour), make_predictor(by_amount)
            transforms = [make_transform(intent, each) for each in (live, self.shadow)]
        self.world = World(tenant, intent, by_hour, live, transforms[0], None, None, key, token)
        self.serve(transforms[1:], days=DAYS + 1)
        with platform_scope():
            set_successor_policy(actor=self.author, intent=intent, changes={"trial_days": float(DAYS)})
            SuccessorPolicy.objects.update(since=timezone.now() - timedelta(days=60))
            tolerances = {"tolerance": 0.5, "segment_tolerance": 5.0}  # for there are few events
            set_policy(actor=None, tenant=tenant, changes=tolerances)

    def serve(self, shadows: Sequence[Transform], days: float = 0.0) -> None:
        """As if it had been published so long ago."""
        with ago(days), platform_scope():
            content = make_document(self.world.intent, self.world.transform, shadows)
            sent = {"tenant": self.world.tenant, "document": text_of(content)}
            release = publish_document(**sent, actor=None, reason="for tests")
        self.world = replace(self.world, document=content, release=release)

    def record(self, count: int = EVENTS, **changes: Any) -> None:
        recorded.record_events(self.world, self.folder / "events", count, days=DAYS, **changes)

    def labelled(self, positive: Any) -> None:
        """Report labels: positive where this is true, of each event's amount and hour."""
        rng, of = np.random.default_rng(4), {"tenant": self.world.tenant.pk, "intent": self.world.intent.name}
        found = positive(rng.gamma(2, 200, EVENTS), rng.integers(0, 24, EVENTS))
        at = int(timezone.now().timestamp() * 1e6)
        labels = [label(each, int(found[row]), at=at, **of) for row, each in enumerate(ids(EVENTS))]
        assert write(writer(self.folder / "labels", max_bytes=1 << 22), *labels)
        consume(self.folder / "labels", machine="other", flush_events=100_000)

    def judged(self) -> Trial:
        assert order_trials() == 1
        return self.work_off()

    def work_off(self) -> Trial:
        """What workers do; the latest."""
        with platform_scope():
            rows = list(Trial.objects.filter(tenant=self.world.tenant).order_by("pk"))
        for each in rows:
            tasks.run_work(*each.arguments)
        with platform_scope():
            return Trial.objects.select_related("change_request__author").get(pk=rows[-1].pk)


def of_large_amounts(amount: Any, hour: Any) -> Any:
    return amount > np.quantile(amount, 0.97)


def of_late_hours(amount: Any, hour: Any) -> Any:
    return (hour == 23) & (amount > np.quantile(amount, 0.2))


@pytest.fixture(autouse=True)
def _places(settings: Settings, tmp_path: Path) -> None:
    # Files stay where they are: shadows run in a process of their own, which knows only the environment.
    settings.LAKE, settings.SERVING_CACHE_DIR = str(tmp_path / "lake"), tmp_path / "serving"


@pytest.fixture
def trying(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Trying:
    monkeypatch.setattr(recorded, "NOON", timezone.now())
    return Trying(tmp_path)


@pytest.fixture
def dies() -> Callable[..., None]:
    from django.db import OperationalError

    def die(*_: object, **__: object) -> None:
        raise OperationalError("the worker is killed")

    return die
