"""What the benchmark registers as validation scores is of days that neither training nor tuning has seen."""

import numpy as np
import pytest

from benchmarks import models
from benchmarks.events import DAY, Events, NotThatFile
from benchmarks.plan import plan_of

PLAN = plan_of(183, warm_up=30)


def events(swapped: bool = False, risky: bool = True) -> Events:
    """Sixty-one days in which x tells the risk; `swapped` puts other labels in the days of validation."""
    rng = np.random.default_rng(4)
    day = np.sort(rng.integers(0, PLAN.fit, 6_000))
    x = rng.normal(size=(len(day), 2))
    label = risky & (x[:, 0] + rng.normal(size=len(day)) > 1.5)
    label = np.where((day >= PLAN.validate) & swapped, ~label, label)
    schema = [{"name": "x0", "type": "number"}, {"name": "x1", "type": "number"}]
    return Events("events", "one tenant", True, ["a"], schema, day * DAY, day * 0, x, label)


@pytest.mark.parametrize("train", [models.train_old, models.train_new])
def test_train__days_of_validation_with_other_labels__give_the_same_model(
    train: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert callable(train)
    monkeypatch.setattr(models, "_MOST_TREES", 30)
    model, other = train(events(), PLAN), train(events(swapped=True), PLAN)
    assert model.text == other.text
    assert len(model.validation_scores) == (events().day >= PLAN.validate).sum()


def test_train__without_a_risky_event__names_the_option() -> None:
    with pytest.raises(NotThatFile, match=r"^--label: days 30 to 51 need events of both labels"):
        models.train_old(events(risky=False), PLAN)
