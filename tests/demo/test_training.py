"""The demonstration's models: what makes its story worth telling."""

from datetime import date

import lightgbm as lgb
import numpy as np

from models_app.statistics.auc import auc
from muse_site.demo.profiles import PROFILES
from muse_site.demo.simulator import Simulator
from muse_site.demo.training import RECIPES, train

START = date(2026, 9, 21)


def test_new_model__on_the_second_month__finds_more_fraud_than_the_old_one() -> None:
    days = [Simulator(profile, START).day(day) for profile in PROFILES for day in range(30, 60, 5)]
    x, fraud = np.concatenate([day.matrix() for day in days]), np.concatenate([day.fraud for day in days]) == 1
    old, new = (auc(np.asarray(lgb.Booster(model_str=train(each, START).text).predict(x)), fraud) for each in RECIPES)
    assert new > old + 0.1


def test_training__twice__gives_the_same_model() -> None:
    assert train(RECIPES[0], START).text == train(RECIPES[0], START).text
