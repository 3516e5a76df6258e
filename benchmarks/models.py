"""The benchmark's two models: a shallow old one, and a new one tuned on the last days of the training time.

The days after that are kept from both, and from the tuning: validation scores are outputs on events never seen.
"""

from dataclasses import dataclass

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from benchmarks.transactions import Transactions

# The features that look 30 days back are not filled before. Validation ends where the benchmark's own days begin.
WARMED_UP, TUNING, VALIDATION, VALIDATED = 30, 45, 52, 61
OLD_BETA, NEW_BETA = 0.05, 0.5
_LEAVES = (7, 15, 31)
_MOST_TREES = 1_000
_COMMON = {
    "objective": "binary",
    "verbose": -1,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 2,
    "seed": 7,
}


@dataclass(frozen=True)
class Trained:
    """A model as LightGBM text, the share of negatives kept for it, and its outputs on the validation days."""

    name: str
    beta: float
    text: str
    validation_scores: NDArray[np.float64]
    remark: str


def train_old(data: Transactions) -> Trained:
    """Twenty stumps on few negatives."""
    stumps = {**_COMMON, "num_leaves": 2, "learning_rate": 0.1}
    booster = lgb.train(stumps, _dataset(data, WARMED_UP, VALIDATION, OLD_BETA), 20)
    return _trained("old", OLD_BETA, booster, data, "20 stumps")


def train_new(data: Transactions) -> Trained:
    """As many leaves and trees as give the best average precision on the tuning days, trained on those too."""
    tuned = [_tuned(data, leaves) for leaves in _LEAVES]
    precision, leaves, trees = max(tuned)
    booster = lgb.train(_boosted(leaves), _dataset(data, WARMED_UP, VALIDATION, NEW_BETA), trees)
    remark = f"{trees} trees of {leaves} leaves, average precision {precision:.4f} in tuning"
    return _trained("new", NEW_BETA, booster, data, remark)


def _tuned(data: Transactions, leaves: int) -> tuple[float, int, int]:
    later = _dataset(data, TUNING, VALIDATION, 1.0)
    booster = lgb.train(
        {**_boosted(leaves), "metric": "average_precision"},
        _dataset(data, WARMED_UP, TUNING, NEW_BETA),
        _MOST_TREES,
        valid_sets=[later],
        callbacks=[lgb.early_stopping(50, verbose=False)],
    )
    return float(booster.best_score["valid_0"]["average_precision"]), leaves, booster.best_iteration


def _boosted(leaves: int) -> dict[str, object]:
    return {**_COMMON, "num_leaves": leaves, "learning_rate": 0.05, "min_data_in_leaf": 50}


def _dataset(data: Transactions, first: int, end: int, beta: float) -> lgb.Dataset:
    """All frauds of these days, and of the rest the share `beta`."""
    days = np.flatnonzero((data.day >= first) & (data.day < end))
    kept = days[data.fraud[days] | (np.random.default_rng(7).random(len(days)) < beta)]
    return lgb.Dataset(data.x[kept], data.fraud[kept].astype(float), feature_name=data.names)


def _trained(name: str, beta: float, booster: lgb.Booster, data: Transactions, remark: str) -> Trained:
    unseen = (data.day >= VALIDATION) & (data.day < VALIDATED)
    return Trained(name, beta, booster.model_to_string(), np.asarray(booster.predict(data.x[unseen])), remark)
