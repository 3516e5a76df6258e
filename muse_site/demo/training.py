"""The vendor's two models for the demonstration: an old shallow one, and a newer, better one."""

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from muse_site.demo.profiles import FEATURES, PROFILES
from muse_site.demo.simulator import Simulator

_COMMON = {
    "objective": "binary",
    "verbose": -1,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "seed": 7,
}


@dataclass(frozen=True)
class Recipe:
    """How a model is trained: on which days, with which share `beta` of the negatives, and how large."""

    name: str
    first_day: int
    last_day: int
    beta: float
    trees: int
    parameters: dict[str, float]


RECIPES = (
    Recipe("cards-old", -90, -60, 0.05, 60, {"num_leaves": 4, "learning_rate": 0.1}),
    Recipe("cards-new", 0, 25, 0.5, 80, {"num_leaves": 15, "learning_rate": 0.08, "min_data_in_leaf": 60}),
)


@dataclass(frozen=True)
class Trained:
    """A model as LightGBM text, and its outputs on the validation days, one for each payment."""

    recipe: Recipe
    text: str
    validation_scores: NDArray[np.float64]


def train_all(start: date) -> dict[str, Future[Trained]]:
    """Train both models in the background, one after the other: while the product starts, a core is idle."""
    pool = ThreadPoolExecutor(1)
    futures = {recipe.name: pool.submit(train, recipe, start) for recipe in RECIPES}
    pool.shutdown(wait=False)
    return futures


def train(recipe: Recipe, start: date, seed: int = 20) -> Trained:
    """Train on the pooled payments of all tenants; every fifth day is kept back for validation."""
    days = range(recipe.first_day, recipe.last_day)
    x, y = _pooled([day for day in days if day % 5], start, seed)
    kept = (y == 1) | (np.random.default_rng(seed).random(len(y)) < recipe.beta)
    names = [feature["name"] for feature in FEATURES]
    categories = [feature["name"] for feature in FEATURES if feature["type"] == "category"]
    data = lgb.Dataset(x[kept], y[kept], feature_name=names, categorical_feature=categories)
    booster = lgb.train({**_COMMON, **recipe.parameters}, data, recipe.trees)
    unseen, _ = _pooled([day for day in days if day % 5 == 0], start, seed)
    return Trained(recipe, booster.model_to_string(), np.asarray(booster.predict(unseen)))


def _pooled(days: list[int], start: date, seed: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    parts = [Simulator(profile, start, seed).day(day) for profile in PROFILES for day in days]
    return np.concatenate([part.matrix() for part in parts]), np.concatenate([part.fraud for part in parts])
