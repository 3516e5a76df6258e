"""What answers where predictors fail: along a declared path, the same for single events and for batches."""

import time
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.engine import arrays, document, fallback, stopwatch
from scoring.engine.arrays import Contexts
from scoring.engine.breaker import Breaker, Limits
from scoring.engine.compiled import CompiledRelease, Scored
from scoring.engine.fallback import FIXED, PREVIOUS, Degraded, Suspended
from scoring.engine.onnx_model import ModelError, OnnxModel
from tests.documents import Documents

AMOUNT = document.Feature("amount")
NAN, RAISES, LATE = 13.0, 17.0, 19.0
PATIENT = Limits(failures=10_000)
OLD, NEW = document.Target("old@1", 1), document.Target("new@1", 2)


class Failing(OnnxModel):
    """Gives no probability for amounts of 13, and does not run for those of 17."""

    runs = 0

    def one(self, vector: Any) -> float:
        return float(self.many(np.array([vector]))[0])

    def many(self, matrix: Any) -> Any:
        self.runs += 1
        if RAISES in matrix[:, 0]:
            raise RuntimeError("the model does not run")
        if bad := np.flatnonzero(matrix[:, 0] == NAN).tolist():
            raise ModelError("the model gave nan", rows=bad)
        return super().many(matrix)


def documents_of(*fallbacks: document.Target | float) -> Documents:
    documents = Documents()
    documents.predictor("old@1", document.Member(documents.model(["amount"], [0.1], name="old@1")))
    documents.predictor("new@1", document.Member(documents.model(["amount"], [0.3], name="new@1")))
    documents.transform(1)
    documents.transform(2, (0.0, 0.1, 1.0), (0.0, 0.6, 1.0))
    documents.intent("i", document.Route("all", NEW, fallbacks=fallbacks), features=(AMOUNT,))
    return documents


def release_of(*fallbacks: document.Target | float, failing: str = "new@1", limits: Limits = PATIENT) -> Any:
    """A release of one route whose live predictor fails. `failing`: the models that do."""
    documents = documents_of(*fallbacks)
    digests = [documents.models[name].digest for name in failing.split()]

    def load(model: document.Model) -> OnnxModel:
        kind = Failing if model.digest in digests else OnnxModel
        return kind(documents.contents[model.digest], len(model.features))

    return CompiledRelease(documents.build(), 7, load, limits)


def score(release: CompiledRelease, amount: float) -> Scored:
    return release.score("i", {"amount": amount}, {})


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds that a run takes, by the clock and of its thread's work; each is read before and after it."""
    took, now = [0.0], [0.0]

    def read() -> float:
        now[0] += took[0]
        return now[0]

    monkeypatch.setattr(stopwatch, "perf_counter", read)
    monkeypatch.setattr(stopwatch, "thread_time", read)
    monkeypatch.setattr(fallback, "watch", stopwatch.Stopwatch())
    return took


def test_score__well__is_not_degraded_whatever_it_would_fall_back_to() -> None:
    assert score(release_of(OLD, 0.9), 1.0) == score(release_of(failing=""), 1.0)
    assert score(release_of(OLD, 0.9), 1.0).degraded is None


@pytest.mark.parametrize(("amount", "reason"), [(NAN, "no_probability"), (RAISES, "error")])
def test_score__fails__is_answered_by_the_previous_predictor_through_its_own_transform(
    amount: float, reason: str
) -> None:
    scored = score(release_of(OLD, 0.9), amount)
    expected = release_of().target(OLD).one({"amount": amount})
    assert (scored.predictor, scored.transform) == ("old@1", 1)
    assert (scored.outputs, scored.probability, scored.score) == expected
    assert scored.degraded == Degraded(reason, PREVIOUS)


def test_score__previous_predictor_fails_too__is_the_fixed_score_without_a_probability() -> None:
    scored = score(release_of(OLD, 0.9, failing="new@1 old@1"), NAN)
    assert (scored.score, scored.outputs, scored.degraded) == (0.9, [], Degraded("no_probability", FIXED))
    assert np.isnan(scored.probability)
    assert (scored.predictor, scored.transform) == ("new@1", 2)


def test_score__nothing_to_fall_back_to__raises_what_the_predictor_has_raised() -> None:
    with pytest.raises(ModelError, match="gave nan") as refused:
        score(release_of(), NAN)
    assert refused.value.rows
    with pytest.raises(RuntimeError, match="does not run"):
        score(release_of(), RAISES)


paths: list[tuple[Any, ...]] = [(OLD,), (0.9,), (OLD, 0.9)]


@given(
    st.lists(st.sampled_from([1.0, 2.5, NAN, RAISES]), min_size=1, max_size=12),
    st.sampled_from(paths),
    st.sampled_from(["new@1", "new@1 old@1"]),
)
def test_batches__events_that_fail__are_answered_as_one_by_one(
    amounts: list[float], path: tuple[Any, ...], failing: str
) -> None:
    singles = [_answer(lambda a=a: score(release_of(*path, failing=failing), a)) for a in amounts]  # type: ignore[misc]
    batches = [
        _answer(lambda run=run: run(release_of(*path, failing=failing), amounts))
        for run in (_as_rows, _as_columns)  # type: ignore[misc]
    ]
    for batch in batches:
        if "error" in singles:  # of which the whole batch is refused
            assert batch == "error"
        else:
            assert [repr(each) for each in batch] == [repr(each) for each in singles]


def _answer(run: Callable[[], Any]) -> Any:
    try:
        return run()
    except ModelError as error:
        return "refused" if error.rows else "error"
    except RuntimeError:
        return "error"


def _as_rows(release: CompiledRelease, amounts: list[float]) -> list[Any]:
    batch = release.score_batch("i", [{"amount": amount} for amount in amounts], [{}] * len(amounts))
    return _in_order(batch.groups, batch.faults, len(amounts))


def _as_columns(release: CompiledRelease, amounts: list[float]) -> list[Any]:
    contexts = Contexts([{}], np.zeros(len(amounts), dtype=np.intp))
    columns = {"amount": np.array(amounts)}
    cuts = [range(start, min(start + 3, len(amounts))) for start in range(0, len(amounts), 3)]
    scored = arrays.score(release.intents["i"], columns, {}, contexts, {}, lambda _: cuts)
    return _in_order(scored.groups, scored.faults, len(amounts))


def _in_order(groups: Any, faults: Any, count: int) -> list[Any]:
    found: list[Any] = ["refused"] * count
    assert all(row not in faults for group in groups for row in group.rows)
    for group in groups:
        for place, row in enumerate(group.rows):
            outputs = group.outputs[place].tolist()
            answer = float(group.probability[place]), float(group.score[place])
            found[row] = Scored(group.route, group.predictor, group.transform, outputs, *answer, group.degraded)
    return found


def test_breaker__failures_in_a_row__leave_the_predictor_alone_and_then_try_one_event() -> None:
    release = release_of(OLD, limits=Limits(failures=3))
    model = _model(release)
    for _ in range(3):
        score(release, NAN)
    ran = model.runs
    assert score(release, 1.0).degraded == Degraded("no_probability", PREVIOUS)
    assert model.runs == ran
    _breaker(release)._until = 0.0  # the time is over
    assert score(release, 1.0).degraded is None
    assert score(release, 1.0).degraded is None


def test_breaker__failures_with_good_events_between__goes_on_trying() -> None:
    release = release_of(OLD, limits=Limits(failures=2))
    for amount in (NAN, 1.0, NAN, 1.0, NAN):
        score(release, amount)
    assert score(release, 1.0).degraded is None


def test_breaker__one_run_takes_too_long__answers_it_and_leaves_the_predictor_alone(clock: list[float]) -> None:
    release = release_of(OLD)
    clock[0] = 5.0
    assert score(release, 1.0).degraded is None
    clock[0] = 0.0
    assert score(release, 1.0).degraded == Degraded("too_slow", PREVIOUS)


def test_breaker__run_that_stood_still_for_want_of_a_processor__is_not_too_slow(
    clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stopwatch, "thread_time", lambda: 0.0)
    release = release_of(OLD)
    clock[0] = 5.0
    assert [score(release, 1.0).degraded for _ in range(3)] == [None] * 3


def test_stopwatch__of_a_run_that_sleeps__tells_the_work_alone() -> None:
    watch = stopwatch.Stopwatch()
    started = watch.start()
    time.sleep(0.2)
    assert watch.took(started) < 0.2


def test_stopwatch__of_a_run_that_works__tells_the_work() -> None:
    watch, least = stopwatch.Stopwatch(), time.thread_time() + 0.3
    started = watch.start()
    while time.thread_time() < least:
        pass
    assert watch.took(started) >= 0.25


def test_breaker__too_slow_without_fallbacks__refuses_until_one_event_may_try(clock: list[float]) -> None:
    release = release_of()
    clock[0] = 5.0
    score(release, 1.0)
    clock[0] = 0.0
    with pytest.raises(Suspended) as refused:
        score(release, 1.0)
    assert refused.value.wait == 1
    with pytest.raises(Suspended):
        release.score_batch("i", [{"amount": 1.0}], [{}])
    _breaker(release)._until = 0.0
    assert score(release, 1.0).degraded is None


def test_breaker__failures_without_fallbacks__never_suspend_it() -> None:
    release = release_of(limits=Limits(failures=1))
    for _ in range(3):
        with pytest.raises(ModelError):
            score(release, NAN)
    assert score(release, 1.0).degraded is None


def test_breaker__batch__is_held_to_its_number_of_events(clock: list[float]) -> None:
    release = release_of(OLD)
    clock[0] = 5.0
    assert _as_rows(release, [1.0] * 10)[0].degraded is None
    clock[0] = 0.0
    assert score(release, 1.0).degraded is None  # half a second an event is not too long


def test_breaker__open_at_a_batch__one_event_tries_and_the_others_follow() -> None:
    release = release_of(OLD, limits=Limits(failures=1))
    score(release, NAN)
    assert {each.degraded for each in _as_rows(release, [1.0] * 4)} == {Degraded("no_probability", PREVIOUS)}
    _breaker(release)._until = 0.0
    assert {each.degraded for each in _as_rows(release, [1.0] * 4)} == {None}


def test_breaker__trial_fails__stays_open_for_twice_as_long_up_to_a_limit() -> None:
    now = [0.0]
    breaker = Breaker(Limits(failures=1, open_seconds=3.0), clock=lambda: now[0])
    waits = []
    for _ in range(4):
        breaker.failed("error", 0.0, 1)
        waits.append(breaker.wait)
        now[0] += breaker.wait
        assert breaker.may_try()
        assert not breaker.may_try()
    assert waits == [1.0, 2.0, 3.0, 3.0]


def _breaker(release: CompiledRelease) -> Any:
    return release.intents["i"].routes[0].path._steps[0][1]


def _model(release: CompiledRelease) -> Any:
    return release.target(NEW)._run._members[0][2]


def test_document__without_fallbacks__is_the_same_text_as_before_there_were_any() -> None:
    content = documents_of().build()
    route = msgspec.structs.replace(content.intents["i"].routes[0], fallbacks=msgspec.UNSET)
    text = msgspec.json.encode(route)
    assert b"fallbacks" not in text
    assert msgspec.json.decode(text, type=document.Route) == route


def test_document__with_fallbacks__keeps_what_they_need() -> None:
    content = documents_of(OLD, 0.9).build()
    assert document.decode(document.encode(content)) == content
    assert set(document.only(content, ["i"]).predictors) == {"old@1", "new@1"}


@pytest.mark.parametrize(("fixed", "said"), [(1.5, "in \\[0, 1\\]"), (-0.1, "in \\[0, 1\\]")])
def test_document__impossible_fixed_score__is_refused(fixed: float, said: str) -> None:
    with pytest.raises(document.DocumentError, match=said):
        documents_of(fixed).build()


def test_document__fallback_that_is_not_there__is_refused() -> None:
    with pytest.raises(document.DocumentError, match="gone@1"):
        documents_of(document.Target("gone@1", 1)).build()
