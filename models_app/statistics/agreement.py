"""Between which alert rates a predictor of several models lies, where nothing is known of how far its models agree.

Of each model there are quantiles of its own outputs. How many events lie above a probability of all of them together
depends on whether they mean the same events, and that is in no model's own quantiles.

The maximum has bounds that hold whatever the models have in common: no fewer events than the model has that gives most,
no more than all of them have together (Fréchet). For means such bounds say next to nothing, so they are simulated, from
models that agree no more than by chance to models that all but rank events alike, by Gaussian copulas; the simulation's
own sampling error (Wilson, 95 %) is in the range.
"""

from collections.abc import Sequence

import numpy as np
from scipy import special

from models_app.statistics.alert_rates import wilson_interval
from models_app.statistics.marginal import Marginal
from scoring.engine.aggregation import aggregation_from
from scoring.engine.probability import FloatArray

CORRELATIONS = (0.0, 0.2, 0.4, 0.6, 0.8, 0.9, 0.95)
SEED = 20_261_128
MOST_DRAWS, MOST_OUTPUTS = 100_000, 500_000  # events, and outputs of all models for them, at each correlation

ONE = "It holds for events like those that its model was validated on."
MAXIMUM = "at least those of the model that gives most, at most those of all models together"
MEAN = "from models that agree no more than by chance to models that rank events alike"


def sentence(models: int, aggregation: str) -> str:
    """What is assumed of a default mapping made of the quantiles of so many models."""
    if models == 1:
        return ONE
    range_ = MAXIMUM if aggregation == "max" else MEAN
    return (
        f"Assumed, for its {models} models were not seen on the same events: each alert rate is a range, {range_}, "
        "for events like those that they were validated on."
    )


def alert_rate_ranges(
    models: Sequence[Marginal], aggregation: str, probabilities: Sequence[float]
) -> list[tuple[float, float]]:
    """The lowest and the highest share of events at or above each of the aggregated `probabilities`.

    That of models that rank events alike is for the caller to add: it is known exactly. The same input gives the same
    numbers. Raises ValueError as the aggregation does.
    """
    if aggregation == "max":
        rates = [[model.alert_rate(each) for model in models] for each in probabilities]
        return [(max(each), min(1.0, sum(each))) for each in rates]
    wanted = np.asarray(probabilities, dtype=np.float64)
    simulated = [_simulated(models, aggregation, wanted, each) for each in CORRELATIONS]
    return [(min(low for low, _ in each), max(high for _, high in each)) for each in zip(*simulated, strict=True)]


def _simulated(
    models: Sequence[Marginal], aggregation: str, wanted: FloatArray, correlation: float
) -> list[tuple[float, float]]:
    """The interval of each share, with models whose ranks correlate so."""
    rng = np.random.default_rng(SEED)
    draws = min(MOST_DRAWS, max(1, MOST_OUTPUTS // len(models)))
    shared, own = np.sqrt(correlation) * rng.standard_normal(draws), np.sqrt(1.0 - correlation)
    outputs = [model.at(special.ndtr(shared + own * rng.standard_normal(draws))) for model in models]
    found = np.sort(aggregation_from(aggregation, [model.weight for model in models]).many(outputs))
    above = draws - np.searchsorted(found, wanted, side="left")
    return [wilson_interval(int(count), draws) for count in above]
