"""Long work of every kind: given out again where its worker died or its message was lost."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from models_app import tasks
from models_app.catalog.models import ModelCheck
from models_app.monitors.models import Look
from models_app.transforms.models import Fit, FitPart
from models_app.work import dispatch, heartbeat
from models_app.work.models import LongWork
from models_app.work.workers import AT_ONCE
from muse_site.celery import app
from tenants.scope import platform_scope
from tests.factories import World, add_evidence, make_change, make_reference, make_replacement, serve
from tests.watching import make_refresh, make_trial

pytestmark = pytest.mark.django_db
Sent = list[tuple[str, tuple[Any, ...], int]]


def a_fit(world: World) -> LongWork:
    served = {"tenant": world.tenant, "intent": world.intent, "predictor": world.predictor}
    return Fit.objects.create(**served, reference=make_reference(), source={"kind": "recorded", "days": 7})


def a_part(world: World) -> LongWork:
    fit, now = a_fit(world), timezone.now()
    return FitPart.objects.create(tenant=world.tenant, fit=fit, start=now, end=now)


def a_line(world: World) -> LongWork:
    line: LongWork = make_replacement(world, make_change(world)).lines.get()
    return line


# Ends of each kind are of no matter here: rows are put into the state that a test needs.
A_ROW: dict[str, Callable[[World], LongWork]] = {
    "model check": lambda world: ModelCheck.objects.create(model=world.model),
    "fit": a_fit,
    "part of a fit": a_part,
    "look": lambda world: Look.objects.create(tenant=world.tenant, intent=world.intent, until=timezone.now()),
    "refresh": lambda world: make_refresh(world.intent),
    "evidence": lambda world: add_evidence(make_change(world)),
    "replacement line": a_line,
    "trial": make_trial,
}
EVERY_KIND = pytest.mark.parametrize("kind", LongWork.kinds())


def waiting(kind: str, world: World, **columns: Any) -> LongWork:
    """A row that waits, the only one of its kind."""
    with platform_scope():
        row = A_ROW[kind](world)
        rows = type(row)._default_manager.all()
        rows.exclude(pk=row.pk).delete()
        ended = {each: "" for each in ("verdict", "digest", "outcome") if hasattr(row, each)}
        rows.update(**{"state": "queued", "attempt": 0, "alive_at": None, **ended, **columns})
        row.refresh_from_db()
    return row


def change(row: LongWork, **columns: Any) -> None:
    with platform_scope():
        type(row)._default_manager.filter(pk=row.pk).update(**columns)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    found: Sent = []

    def keep(name: str, **options: Any) -> None:
        found.append((name, options["args"], options["priority"]))

    monkeypatch.setattr("celery.current_app.send_task", keep)
    return found


@EVERY_KIND
def test_resume_stalled_work__waiting_for_long__is_sent_again(kind: str, sent: Sent) -> None:
    row = waiting(kind, serve())
    assert tasks.resume_stalled_work() == 0
    change(row, created_at=heartbeat.ago(heartbeat.WAITING_SECONDS + 1))
    assert tasks.resume_stalled_work() == 1
    assert sent == [("models_app.tasks.run_work", row.arguments, row.PRIORITY)]


@EVERY_KIND
def test_resume_stalled_work__dead_worker__is_sent_again(kind: str, sent: Sent) -> None:
    row = waiting(kind, serve(), state="running", attempt=1, alive_at=heartbeat.ago(0))
    assert tasks.resume_stalled_work() == 0
    change(row, alive_at=heartbeat.ago(heartbeat.DEAD_AFTER_SECONDS + 1))
    assert tasks.resume_stalled_work() == 1
    assert [args for _, args, _ in sent] == [row.arguments]


@EVERY_KIND
def test_run_work__row_that_nobody_knows__does_nothing(kind: str) -> None:
    tasks.run_work(kind, serve().tenant.pk, 0)


def test_resume_stalled_work__many_wait__sends_dead_ones_and_then_the_oldest(sent: Sent) -> None:
    world = serve()
    with platform_scope():
        rows = [a_fit(world) for _ in range(AT_ONCE + 2)]
        Fit.objects.update(created_at=heartbeat.ago(60))
    change(rows[-1], state="running", attempt=1, alive_at=heartbeat.ago(60))
    assert tasks.resume_stalled_work() == AT_ONCE
    assert [args[2] for _, args, _ in sent] == [rows[-1].pk, *(row.pk for row in rows[: AT_ONCE - 1])]


def test_replacements__in_bulk__go_after_what_somebody_waits_for() -> None:
    late = {name for name, each in LongWork.kinds().items() if each.PRIORITY == dispatch.LATER}
    assert late == {"look", "part of a fit", "refresh", "replacement line", "trial"}


@pytest.mark.parametrize("name", tasks.EARLIER)
def test_task__by_the_name_of_an_earlier_version__gives_stalled_work_out(name: str, sent: Sent) -> None:
    waiting("fit", serve(), created_at=heartbeat.ago(60))
    app.tasks[f"models_app.tasks.{name}"](1, 2)
    assert len(sent) == 1
