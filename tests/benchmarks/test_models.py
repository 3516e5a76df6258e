"""What the benchmark registers as validation scores is of days that neither training nor tuning has seen."""

from datetime import UTC, datetime

import numpy as np
import pytest

from benchmarks import models
from benchmarks.transactions import Transactions


def transactions(swapped: bool = False) -> Transactions:
    """Sixty-one days in which x tells the fraud; `swapped` puts other labels and features in the days of validation."""
    rng = np.random.default_rng(4)
    day = np.sort(rng.integers(0, models.VALIDATED, 6_000))
    x = rng.normal(size=(len(day), 2))
    fraud = x[:, 0] + rng.normal(size=len(day)) > 1.5
    late = day >= models.VALIDATION
    fraud = np.where(late & swapped, ~fraud, fraud)
    ids = np.arange(len(day))
    schema = [{"name": "x0"}, {"name": "x1"}]
    return Transactions(datetime(2026, 1, 1, tzinfo=UTC), schema, ids, ids, day, ids * 0, x, fraud)


@pytest.mark.parametrize("train", [models.train_old, models.train_new])
def test_train__days_of_validation_with_other_labels__give_the_same_model(
    train: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert callable(train)
    monkeypatch.setattr(models, "_MOST_TREES", 30)
    made, other = train(transactions()), train(transactions(swapped=True))
    assert made.text == other.text
    assert len(made.validation_scores) == (transactions().day >= models.VALIDATION).sum()
