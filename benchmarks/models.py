"""The benchmark's two models: a shallow old one, and a new one tuned on the last days of the training time.

The days after that are kept from both, and from the tuning: validation scores are outputs on events never seen.
"""

from dataclasses import dataclass

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from benchmarks.events import Events, NotThatFile
from benchmarks.plan import Plan

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


def train_old(data: Events, plan: Plan) -> Trained:
    """Twenty stumps on few negatives."""
    stumps = {**_COMMON, "num_leaves": 2, "learning_rate": 0.1}
    booster = lgb.train(stumps, _dataset(data, plan.train, plan.validate, OLD_BETA), 20)
    return _trained("old", OLD_BETA, booster, data, plan, "20 stumps")


def train_new(data: Events, plan: Plan) -> Trained:
    """As many leaves and trees as give the best average precision on the tuning days, trained on those too."""
    tuned = [_tuned(data, plan, leaves) for leaves in _LEAVES]
    precision, leaves, trees = max(tuned)
    booster = lgb.train(_boosted(leaves), _dataset(data, plan.train, plan.validate, NEW_BETA), trees)
    remark = f"{trees} trees of {leaves} leaves, average precision {precision:.4f} in tuning"
    return _trained("new", NEW_BETA, booster, data, plan, remark)


def _tuned(data: Events, plan: Plan, leaves: int) -> tuple[float, int, int]:
    later = _dataset(data, plan.tune, plan.validate, 1.0)
    booster = lgb.train(
        {**_boosted(leaves), "metric": "average_precision"},
        _dataset(data, plan.train, plan.tune, NEW_BETA),
        _MOST_TREES,
        valid_sets=[later],
        callbacks=[lgb.early_stopping(50, verbose=False)],
    )
    return float(booster.best_score["valid_0"]["average_precision"]), leaves, booster.best_iteration


def _boosted(leaves: int) -> dict[str, object]:
    return {**_COMMON, "num_leaves": leaves, "learning_rate": 0.05, "min_data_in_leaf": 50}


def _dataset(data: Events, first: int, end: int, beta: float) -> lgb.Dataset:
    """All risky events of these days, and of the rest the share `beta`. Raises NotThatFile without one of each."""
    days = np.flatnonzero((data.day >= first) & (data.day < end))
    kept = days[data.label[days] | (np.random.default_rng(7).random(len(days)) < beta)]
    if len(np.unique(data.label[kept])) < 2:
        raise NotThatFile(f"--label: days {first} to {end - 1} need events of both labels, to train models on")
    categories = [feature["name"] for feature in data.schema if feature["type"] == "category"]
    label = data.label[kept].astype(float)
    return lgb.Dataset(data.x[kept], label, feature_name=data.names, categorical_feature=categories)


def _trained(name: str, beta: float, booster: lgb.Booster, data: Events, plan: Plan, remark: str) -> Trained:
    unseen = (data.day >= plan.validate) & (data.day < plan.fit)
    return Trained(name, beta, booster.model_to_string(), np.asarray(booster.predict(data.x[unseen])), remark)
