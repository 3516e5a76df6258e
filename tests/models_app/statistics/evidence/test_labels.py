"""Which labels count, and what has to be said of them: the ways in which labels come in."""

import re
from dataclasses import replace

import numpy as np
import pytest

from models_app.statistics.drift import DAY
from models_app.statistics.evidence import Observations, Question, ThresholdQuestion, examine
from models_app.statistics.evidence.decision import decision_of
from models_app.statistics.evidence.labels import UNLABELLED, LabelRule
from models_app.statistics.references import BetaReference

N, DAYS = 60_000, 60
THRESHOLD = ThresholdQuestion("decline", 0.5, "decline", 0.1)


def world() -> Observations:
    """Sixty days of events, some fraud; live ranks them well, what comes better and with the right probability."""
    random = np.random.default_rng(4)
    risk = random.normal(-5.0, 2.0, N)
    p = 1 / (1 + np.exp(-risk))
    known = 1 / (1 + np.exp(-(risk + random.normal(0.0, 1.5, N))))
    return Observations(
        event_ids=np.arange(N).astype(object),
        occurred_at=np.sort(random.integers(0, DAYS * DAY, N)),
        before=known,
        after=p,
        probability_before=known,
        probability_after=p,
        since=0,
        until=DAYS * DAY,
        labels=(random.random(N) < p).astype(np.int8),
    )


def asked(**rule: float) -> Question:
    maturity, negative = rule.get("maturity_days", 0.0), bool(rule.get("unlabelled_negative", False))
    return Question((THRESHOLD,), BetaReference(2, 8), labels=LabelRule(maturity, negative))


def investigated(seen: Observations) -> Observations:
    """Where live alerts, and one in a hundred of the rest."""
    assert seen.before is not None
    known = (seen.before >= 0.5) | (np.random.default_rng(5).random(N) < 0.01)
    return replace(seen, labels=np.where(known, seen.labels, UNLABELLED).astype(np.int8))


def charged_back(seen: Observations, mean_days: float = 6.0, genuine: float = 0.0) -> Observations:
    """Positive labels alone, late, and at once so large a share of the negative ones."""
    random = np.random.default_rng(6)
    after, age = random.exponential(mean_days, N), (seen.until - seen.occurred_at) / DAY
    come = np.where(seen.labels == 1, after < age, random.random(N) < genuine)
    labels = np.where(come, seen.labels, UNLABELLED).astype(np.int8)
    return replace(seen, labels=labels, labelled_after=np.where(labels == 1, after, np.nan))


def test_labels__where_live_alerts__warn_of_how_many_there_are() -> None:
    found = examine("cards", investigated(world()), asked())
    assert found.performance is not None
    (warning,) = found.performance.warnings
    shares = "100 % of live's alerts at ‘decline’ and 1.1 % of the rest"
    assert warning == f"Labels exist for {shares}: the comparison favours what is live."
    assert warning in decision_of([found]).unknown


def test_labels__independent_of_the_score__need_no_warning() -> None:
    known = np.random.default_rng(7).random(N) < 0.3
    seen = world()
    found = examine("cards", replace(seen, labels=np.where(known, seen.labels, UNLABELLED).astype(np.int8)), asked())
    assert found.performance is not None
    assert found.performance.warnings == []
    assert len(found.performance.selections) == 1


@pytest.mark.parametrize(
    ("seen", "rule", "why"),
    [
        (replace(world(), labels=np.empty(0, np.int8)), {}, "No labels in the window: 0 of 60,000 events."),
        (charged_back(world()), {}, "All 1,.* labels that count are positive: without negative events"),
        (world(), {"maturity_days": 90}, "All 60,000 labelled events are younger than the 90 days"),
        (replace(world(), labels=np.zeros(N, np.int8)), {}, "None of the 60,000 events that count is positive."),
    ],
)
def test_labels__that_tell_nothing__say_why(seen: Observations, rule: dict[str, float], why: str) -> None:
    found = examine("cards", seen, asked(**rule))
    assert found.performance is None
    assert re.match(why, found.why_no_performance)
    unknown = decision_of([found]).unknown
    assert f"Whether it finds more fraud is not known. {found.why_no_performance}" in unknown


def test_labels__charge_backs_alone__tell_once_what_has_none_is_negative() -> None:
    seen, truth = charged_back(world()), examine("cards", world(), asked()).performance
    found = examine("cards", seen, asked(maturity_days=30, unlabelled_negative=True)).performance
    assert truth is not None
    assert found is not None
    assert found.warnings == []
    assert found.labelled == np.count_nonzero(seen.until - seen.occurred_at >= 30 * DAY)
    for true, share in zip(truth.after.precision, found.after.precision, strict=True):
        assert share.low <= true.rate <= share.high
    assert found.after.in_the_large is not None
    assert found.after.in_the_large.high is not None
    assert found.after.in_the_large.low <= 1 <= found.after.in_the_large.high
    assert [each.at for each in found.delays] == ["1 day", "3 days", "7 days", "14 days", "30 days"]
    assert found.delays[2].rate == pytest.approx(1 - np.exp(-7 / 6), abs=0.05)


def test_labels__late_and_not_waited_for__warn() -> None:
    found = examine("cards", charged_back(world(), mean_days=20, genuine=1.0), asked()).performance
    assert found is not None
    assert found.warnings[-1].endswith("events count from 0 days on, so recent positive events may lack their label.")


def test_labels__some_too_young__are_counted() -> None:
    found = examine("cards", world(), asked(maturity_days=30)).performance
    assert found is not None
    assert found.young + found.labelled == N
