"""What workers make of a replacement's lines, from a real lake."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from django.db import OperationalError
from django.utils import timezone

from models_app import tasks
from models_app.changes.evidence.models import Evidence
from models_app.changes.models import ChangeRequest
from models_app.replacements import run, selectors
from models_app.replacements.lease import LineWork
from models_app.replacements.models import ReplacementLine
from models_app.replacements.services import cancel_replacement
from models_app.transforms.models import Fit
from models_app.work.lease import Stopped
from scoring.engine import document
from scoring.services import publish_document
from tenants.models import Intent
from tenants.refusals import Conflict
from tenants.scope import platform_scope
from tests.documents import CHANNEL
from tests.factories import intent_part, make_document, make_model, make_predictor, make_transform, text_of
from tests.models_app.replacements.conftest import Fleet, work_off
from tests.recorded import record_events


def test_lines__one_passes_one_has_few_events_one_cannot__each_ends_by_itself(fleet: Fleet) -> None:
    good, small, cannot = fleet.tenant(), fleet.tenant(events=50), fleet.tenant()
    with platform_scope():
        Intent.objects.filter(tenant=cannot.tenant).update(keep_features="none")
    replacement = fleet.propose()
    work_off(replacement)
    passing, few, failed = fleet.lines(replacement)
    assert (passing.state, passing.verdict) == ("succeeded", "pass"), (passing.error, passing.log)
    assert passing.change_request is not None
    assert (passing.change_request.state, passing.change_request.author) == ("in review", fleet.author)
    assert passing.change_request.routes[good.intent.name][0]["live"]["predictor"] == fleet.new.key
    assert (few.state, few.verdict, few.change_request) == ("failed", "not enough events", None)
    assert "fit on" in few.error
    assert (failed.state, failed.verdict) == ("failed", "")
    assert "a replay needs features that the intent does not keep" in failed.error
    assert small.tenant == few.tenant
    with platform_scope():
        summary = selectors.summary(selectors.judged(replacement))
    assert {name: count for name, count in summary.items() if count} == {
        "pass": 1, "not enough events": 1, "failed": 1
    }  # fmt: skip


def test_line__predictor_that_answers_one_of_two_routes__is_fitted_on_the_events_of_that(fleet: Fleet) -> None:
    world = fleet.tenant()  # whose events are all of channel shop
    record_events(world, fleet.folder / "web", 2000, days=10, prefix="w", machine="n", context={"channel": "web"})
    other = make_predictor(make_model())
    rest = make_document(world.intent, make_transform(world.intent, other))
    web = document.Condition(CHANNEL.name, any_of=("web",))
    routes = [each.intents[world.intent.name].routes[0] for each in (world.document, rest)]
    renamed = (document.Route("web", routes[0].live, (web,)), document.Route("rest", routes[1].live))
    parts = {
        part: getattr(world.document, part) | getattr(rest, part) for part in ("predictors", "transforms", "models")
    }
    both = msgspec.structs.replace(rest, intents={world.intent.name: intent_part(world.intent, *renamed)}, **parts)
    with platform_scope():
        publish_document(tenant=world.tenant, document=text_of(both), actor=None, reason="for tests")
    replacement = fleet.propose()
    work_off(replacement)
    (line,) = fleet.lines(replacement)
    with platform_scope():
        fit = Fit.objects.select_related("transform").get(predictor=fleet.new)
    assert fit.transform is not None, line.error
    assert (fit.source["routes"], fit.transform.report["n"]) == (["web"], 2000)


def test_line__whose_gate_fails__stays_a_draft_and_says_why(fleet: Fleet) -> None:
    fleet.tenant()
    replacement = fleet.propose(predictor=make_predictor(make_model(weights=[0.0001, 0.9])))
    work_off(replacement)
    (line,) = fleet.lines(replacement)
    assert line.change_request is not None
    assert (line.state, line.change_request.state) == ("succeeded", "draft")
    assert line.verdict in ("fail", "not enough events")
    assert "stays a draft: Held out: " in line.log[-1]["text"]


def test_line__threshold_beyond_its_reference__fails_and_names_it(fleet: Fleet) -> None:
    world = fleet.tenant()
    with platform_scope():
        Intent.objects.filter(pk=world.intent.pk).update(thresholds=[{"name": "all", "score": 1e-12}])
    replacement = fleet.propose()
    work_off(replacement)
    (line,) = fleet.lines(replacement)
    assert (line.state, line.verdict, line.change_request) == ("failed", "", None)
    assert "threshold 1e-12 is beyond what beta(2, 8) resolves" in line.error


def test_line__worker_died_at_any_point__goes_on_where_it_was(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    """It makes no second fit, no second change request and no second evidence."""
    world = fleet.tenant()
    replacement = fleet.propose()
    for step in ("transforms_of", "evidence_for", "_submit"):
        with monkeypatch.context() as patched:
            patched.setattr(run, step, _dies)
            with pytest.raises(OperationalError):
                work_off(replacement)
        work_off(replacement)
        assert fleet.lines(replacement)[0].state == "running"  # taken for alive yet
        with platform_scope():
            ReplacementLine.objects.update(alive_at=timezone.now() - timedelta(minutes=1))
    work_off(replacement)
    (line,) = fleet.lines(replacement)
    assert (line.state, line.verdict, line.attempt) == ("succeeded", "pass", 4)
    with platform_scope():
        assert Fit.objects.filter(tenant=world.tenant, line=line).count() == 1
        assert ChangeRequest.objects.filter(tenant=world.tenant).count() == 1
        assert Evidence.objects.filter(tenant=world.tenant).count() == 1


def test_replacement__nobody_at_it_for_long__is_sent_again(fleet: Fleet, sent: list[Any]) -> None:
    fleet.tenant(events=50)
    replacement = fleet.propose()
    assert tasks.resume_stalled_work() == 0
    with platform_scope():
        ReplacementLine.objects.update(created_at=timezone.now() - timedelta(minutes=1))
    sent.clear()
    assert tasks.resume_stalled_work() == 1
    (line,) = fleet.lines(replacement)
    assert sent == [("run_work", ("replacement line", line.tenant_id, line.pk))]
    work_off(replacement)
    assert tasks.resume_stalled_work() == 0


def test_replacement__cancelled__stops_what_waits_and_what_runs(fleet: Fleet) -> None:
    for _ in range(2):
        fleet.tenant(events=50)
    replacement = fleet.propose()
    first = fleet.lines(replacement)[0]
    work = LineWork.take_up(first.tenant_id, first.pk)
    assert work is not None
    with platform_scope():
        cancel_replacement(actor=fleet.author, replacement=replacement, reason="a mistake")
    with pytest.raises(Stopped):
        work.say("still here", 0.5)
    work_off(replacement)
    assert [line.state for line in fleet.lines(replacement)] == ["cancelled", "cancelled"]
    with platform_scope(), pytest.raises(Conflict, match="has ended already"):
        cancel_replacement(actor=fleet.author, replacement=replacement)


def test_line__intent_that_is_answered_otherwise_by_now__fails_and_says_so(fleet: Fleet) -> None:
    world = fleet.tenant()
    replacement = fleet.propose()
    with platform_scope():
        transform = make_transform(world.intent, fleet.new)
        other = make_document(world.intent, transform)
        publish_document(tenant=world.tenant, document=text_of(other), actor=None, reason="for tests")
    work_off(replacement)
    (line,) = fleet.lines(replacement)
    assert line.state == "failed"
    assert line.error.startswith(f"{world.intent.name} is no longer answered by {fleet.old.key}")


def _dies(*_: object, **__: object) -> None:
    raise OperationalError("the worker is killed")
