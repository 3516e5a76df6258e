"""Simulated hours of an intent: a feature of amounts, a category, an attribute of context, probabilities, volume."""

from collections.abc import Callable

import numpy as np

from models_app.statistics.monitors.alert_rate import Target
from models_app.statistics.monitors.look import Hour, Served
from scoring.engine import bins

TRANSFORM = 7
RATES = {"decline": 0.01, "review": 0.05}
TARGETS = {(TRANSFORM, name): Target(rate, 0.1, 0.05) for name, rate in RATES.items()}
Change = Callable[[dict[str, np.ndarray], np.random.Generator], dict[str, np.ndarray]]


def nothing(columns: dict[str, np.ndarray], rng: np.random.Generator) -> dict[str, np.ndarray]:
    return columns


def hour_of(number: int, seed: int, change: Change = nothing, volume: float = 60.0) -> Hour:
    """One hour, with more events by day than at night. Probabilities are such that alert rates are those of RATES."""
    rng = np.random.default_rng([seed, number])
    n = rng.poisson(volume * (1.0 + 0.8 * np.sin(2 * np.pi * number / 24)))
    columns = {
        "amount": rng.lognormal(4.0, 1.0, n),
        "kind": rng.choice(["=food", "=travel", "=toys"], n, p=[0.5, 0.3, 0.2]),
        "channel": rng.choice(["=web", "=shop"], n),
        "probability": rng.random(n) ** 6,  # as spread as risk is: few are risky
    }
    columns = change(columns, rng)
    probability = columns["probability"]
    alerts = {name: int(np.count_nonzero(probability >= (1.0 - rate) ** 6)) for name, rate in RATES.items()}
    spread = _spread(bins.of_probabilities(np.clip(probability, 1e-9, 1 - 1e-9)))
    amounts = columns["amount"]
    present = amounts[np.isfinite(amounts)]
    features = {
        "amount": _spread(bins.of_numbers(present)) | _nulls(len(amounts) - len(present)),
        "kind": _spread(columns["kind"]),
    }
    served = {TRANSFORM: Served(len(probability), alerts, spread)} if len(probability) else {}
    return Hour(number, served, features, {"channel": _spread(columns["channel"])})


def _spread(values: np.ndarray) -> dict[str, int]:
    names, counts = np.unique(values, return_counts=True)
    return {str(name): int(count) for name, count in zip(names, counts, strict=True)}


def _nulls(count: int) -> dict[str, int]:
    return {bins.NONE: count} if count else {}
