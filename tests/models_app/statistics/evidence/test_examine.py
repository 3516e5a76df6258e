"""Evidence from observations: what is counted, gated and said."""

from dataclasses import replace

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from models_app.statistics.drift import DAY
from models_app.statistics.evidence import Observations, Question, ThresholdQuestion, examine, verdict_of
from models_app.statistics.evidence.examine import nothing, taken_out
from models_app.statistics.evidence.observations import Past
from models_app.statistics.references import BetaReference

REFERENCE = BetaReference(2, 8)


def question(*rates: float, tolerance: float = 0.1) -> Question:
    """Thresholds where the reference has these alert rates."""
    named = [(f"at-{rate:g}", float(REFERENCE.score_at(rate))) for rate in rates]
    return Question(tuple(ThresholdQuestion(name, score, "review", tolerance) for name, score in named), REFERENCE)


def observed(n: int, shift: float = 1.0, noise: float = 0.0, seed: int = 3, live: bool = True) -> Observations:
    """Events of two weeks on the reference before, with alert rates `shift` times as large after."""
    random = np.random.default_rng(seed)
    rate = random.uniform(size=n)
    moved = np.clip(rate / shift * np.exp(noise * random.normal(size=n)), 0, 1)
    before = REFERENCE.score_at(rate)
    return Observations(
        event_ids=np.array([f"e{j}" for j in range(n)], dtype=object),
        occurred_at=np.sort(random.integers(0, 14 * DAY, n)),
        before=before if live else None,
        after=REFERENCE.score_at(moved),
        probability_before=before if live else None,
        probability_after=before * 0.5,
        since=0,
        until=14 * DAY,
        contexts={"channel": np.array(["web", "app"] * (n // 2) + ["web"] * (n % 2), dtype=object)},
        labels=(random.uniform(size=n) < before**2).astype(np.int8),
    )


def test_examine__nothing_moves__passes_and_says_so() -> None:
    found = examine("cards", observed(200_000), question(0.01))
    (threshold,) = found.thresholds
    assert (threshold.gate.state, threshold.swapped_in, threshold.swapped_out) == ("pass", [], [])
    assert threshold.change is not None
    assert (threshold.change.only_before, threshold.change.relative) == (0, 0.0)
    verdict = verdict_of([found])
    assert verdict.state == "pass"
    assert "stay at" in verdict.sentence
    assert "target 1 %" in verdict.sentence


def test_examine__alerts_half_as_many_again__fails_and_names_the_swap_set() -> None:
    seen = observed(100_000, shift=1.5)
    found = examine("cards", seen, question(0.01, 0.1))
    assert [each.gate.state for each in found.thresholds] == ["fail", "fail"]
    small = found.thresholds[0]
    assert small.change is not None
    assert small.change.low is not None
    assert 0.3 < small.change.low < 0.5
    assert len(small.swapped_in) == 10
    assert not small.swapped_out
    assert verdict_of([found]).state == "fail"


def test_examine__few_events__cannot_tell() -> None:
    found = examine("cards", observed(800, noise=0.5), question(0.01))
    assert found.thresholds[0].gate.state == "not enough events"
    assert "too few events" in verdict_of([found]).sentence


def test_examine__nothing_live__is_held_against_the_target() -> None:
    found = examine("cards", observed(200_000, live=False), question(0.01))
    (threshold,) = found.thresholds
    assert (threshold.before, threshold.change, threshold.gate.state) == (None, None, "pass")
    assert "the target" in threshold.gate.sentence


def test_examine__nothing_live_and_a_threshold_beyond_the_reference__says_that_there_is_no_target() -> None:
    wanted = Question((ThresholdQuestion("decline", 0.9, "review", 0.1),), BetaReference(2, 400))
    (threshold,) = examine("cards", observed(2_000, live=False), wanted).thresholds
    assert (threshold.target, threshold.gate.state) == (0.0, "not enough events")
    assert threshold.gate.sentence.startswith("The reference has no alerts there")


def test_examine__groups__add_up_to_all_events_and_alerts() -> None:
    seen = observed(20_001, shift=1.2)
    found = examine("cards", seen, question(0.1, 0.01))
    for groups in (found.by_day, found.by_context["channel"]):
        assert sum(group.n for group in groups) == found.n
        for place, threshold in enumerate(found.thresholds):
            assert sum(group.after[place] for group in groups) == threshold.after.alerts
    assert len(found.by_day) == 14
    assert found.by_day[0].name == "1970-01-01"


def test_examine__many_values_of_a_context__pools_the_rare_ones() -> None:
    seen = observed(1_000)
    values = np.array([f"v{j % 40}" for j in range(1_000)], dtype=object)
    found = examine("cards", _with_context(seen, values), question(0.1))
    names = [group.name for group in found.by_context["channel"]]
    assert len(names) == 12
    assert names[-1] == "others"


def _with_context(seen: Observations, values: NDArray[np.object_]) -> Observations:
    return Observations(**{**vars(seen), "contexts": {"channel": values}})


def test_examine__same_side_twice__is_perfectly_correlated_and_judged_alike() -> None:
    found = examine("cards", observed(5_000), question(0.1))
    assert found.rank_correlation == pytest.approx(1.0)
    assert found.performance is not None
    assert found.performance.before is not None
    assert found.performance.before.auc == found.performance.after.auc
    assert found.performance.labelled == 5_000


@pytest.mark.parametrize("n", [1, 2, 7])
def test_examine__hardly_any_event__is_plain_json_without_infinities(n: int) -> None:
    found = examine("cards", observed(n), question(0.1, 0.001))
    text = msgspec.json.encode(found)
    assert b"nan" not in text.lower()
    assert msgspec.json.decode(text)["n"] == n


def test_examine__some_without_probability__is_that_of_the_others() -> None:
    seen, unknown = observed(5_000), np.arange(5_000) < 200
    holed = replace(seen, probability_after=np.where(unknown, np.nan, seen.probability_after)).without_unknown()
    found = examine("cards", holed, question(0.1))
    assert (found.n, found.left_out, found.total, found.scale) == (4_800, 200, 5_000, 1.0)
    assert found.note == "200 events are left out: what they need to be scored was not kept"


def test_examine__sample__tells_alerts_a_day_of_all_events() -> None:
    seen = observed(5_000)
    all_, some = (examine("cards", each, question(0.1)) for each in (seen, replace(seen, total=50_000)))
    assert some.note == "5,000 of 50,000 events were drawn by their ids"
    assert some.thresholds[0].alerts_a_day_after == pytest.approx(10 * all_.thresholds[0].alerts_a_day_after)
    assert some.thresholds[0].after == all_.thresholds[0].after


def nightly(nights: int, each: int) -> Observations:
    """Batches within ten minutes of midnight, of a window that ends a day after the last."""
    seen, at = observed(nights * each), np.random.default_rng(5).integers(0, 600_000_000, nights * each)
    return replace(seen, occurred_at=at + np.repeat(np.arange(nights), each) * DAY, until=nights * DAY)


@pytest.mark.parametrize(("nights", "each"), [(7, 1_000), (1, 5_000)])
def test_examine__nightly_batches__are_counted_by_the_days_of_the_window(nights: int, each: int) -> None:
    found = examine("cards", nightly(nights, each), question(0.1))
    (threshold,) = found.thresholds
    assert found.n / found.days == each
    assert threshold.alerts_a_day_after == pytest.approx(threshold.after.alerts / nights)


def test_examine__window_of_minutes__is_no_less_than_an_hour() -> None:
    assert examine("cards", replace(observed(100), until=600_000_000), question(0.1)).days == 1 / 24


def test_examine__no_event__says_so_and_is_no_pass() -> None:
    found = examine("cards", observed(0), question(0.1))
    assert (found.n, found.thresholds) == (0, [])
    assert verdict_of([found]).state == "not enough events"


def test_verdict__one_intent_unseen__is_never_a_pass() -> None:
    fine = examine("cards", observed(200_000), question(0.01))
    assert verdict_of([fine, nothing("loans", "no events")]).state == "not enough events"


def test_verdict__intent_taken_out_beside_one_that_passes__fails_and_is_about_it() -> None:
    fine = examine("cards", observed(200_000), question(0.01))
    verdict = verdict_of([fine, taken_out("loans")])
    assert verdict.state == "fail"
    assert verdict.sentence == ("loans would be taken out of service: its clients get an error instead of a score.")


def test_verdict__several_intents_taken_out__names_them_all() -> None:
    verdict = verdict_of([taken_out("cards"), taken_out("loans")])
    assert verdict.sentence.startswith("cards and loans would be taken out of service: their clients")


def test_verdict__one_rate_from_nothing_to_something__is_about_that_one() -> None:
    seen = observed(100_000)
    assert seen.before is not None
    fewer = np.where(seen.before >= REFERENCE.score_at(0.075), seen.before, 0.0)
    top = float(REFERENCE.score_at(0.01))
    twice = np.where(seen.before >= REFERENCE.score_at(0.02), 1.0, fewer)  # as many as the target has
    from_none = replace(seen, before=np.minimum(seen.before, np.nextafter(top, 0.0)), after=twice)
    found = examine("cards", from_none, question(0.1, 0.01))
    assert [each.gate.state for each in found.thresholds] == ["fail", "fail"]
    assert "at-0.01" in verdict_of([found]).sentence


def test_verdict__several_intents__names_the_worst() -> None:
    fine = examine("cards", observed(100_000), question(0.01))
    bad = examine("loans", observed(100_000, shift=2.0), question(0.01))
    verdict = verdict_of([fine, bad])
    assert verdict.state == "fail"
    assert verdict.sentence.startswith("loans: Alerts at")


def test_examine__scores_with_ties__rank_correlation_is_that_of_scipy() -> None:
    rng = np.random.default_rng(11)
    before = np.round(rng.random(2_000), 2)
    after = np.round(before + rng.normal(0.0, 0.2, 2_000), 1)
    seen = Observations(**{**vars(observed(2_000)), "before": before, "after": after})
    found = examine("cards", seen, question(0.1))
    assert found.rank_correlation == pytest.approx(stats.spearmanr(before, after).statistic, abs=1e-12)


def with_weeks_before(seen: Observations, weeks: int, unknown: float = 0.0) -> Observations:
    """The window repeats itself before it began; of so large a share of those events no score is known."""
    shifts = 7 * DAY * np.arange(weeks // 2, 0, -1) * 2
    occurred_at = np.concatenate([seen.occurred_at - shift for shift in shifts])
    after = np.tile(seen.after, len(shifts))
    after[np.random.default_rng(1).random(len(after)) < unknown] = np.nan
    return replace(seen, past=Past(occurred_at, after, after))


def test_examine__still_weeks_before_the_window__tell_the_rate_behind_next_week_more_closely() -> None:
    seen = observed(50_000)
    alone, known, partly = (
        examine("cards", each, question(0.01)).thresholds[0].forecast
        for each in (seen, with_weeks_before(seen, 6), with_weeks_before(seen, 6, unknown=0.1))
    )
    assert (alone.days, partly.days) == (14, 14)
    assert known.days in (42, 49, 56)
    assert known.expected == pytest.approx(alone.expected, rel=0.02)
    widths = [(each.expected_high or 1.0) - (each.expected_low or 0.0) for each in (partly, known)]
    assert widths[1] < 0.7 * widths[0]


def test_examine__window_of_minutes_after_weeks_that_nothing_is_known_of__is_told_from_the_window() -> None:
    seen = observed(2_000)
    seen = with_weeks_before(replace(seen, occurred_at=13 * DAY + np.arange(2_000)), 2)
    assert seen.past is not None
    past = replace(seen.past, occurred_at=np.full(2_000, 13 * DAY - 1), after=np.full(2_000, np.nan))
    found = examine("cards", replace(seen, past=past), question(0.01)).thresholds[0]
    assert (found.forecast.days, found.past) == (1, [])
