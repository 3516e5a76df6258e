"""How finely a reference tells alert rates apart: at a declared threshold, and from one score to the next."""

import numpy as np

from models_app.statistics.references import Reference

# Rarer alerts nobody could ever count, and in the lower tail float64 has no digits left to tell them by.
LEAST_RATE = 1e-9
# Of alert rates down to a millionth, as a share of each: how much lies between one float64 score and the next.
_WIDEST_STEP = 0.01
_RATES = np.geomspace(1e-6, 0.5, 200)


class Unresolved(ValueError):
    """A threshold where a reference has no alerts, or alerts for everything: `alert_rate` is what it has at `score`."""

    def __init__(self, reference: Reference, score: float, alert_rate: float) -> None:
        self.score, self.alert_rate = score, alert_rate
        way = "lower" if alert_rate < 0.5 else "higher"
        super().__init__(
            f"threshold {score:g} is beyond what {reference} resolves: its alert rate there is {alert_rate:.3g}, and "
            f"it takes {LEAST_RATE:g} to 1 - {LEAST_RATE:g}; declare a {way} threshold, or choose another reference"
        )


def target_at(reference: Reference, score: float) -> float:
    """The alert rate that is to be reached at a declared threshold. Raises Unresolved where none can be."""
    rate = float(reference.alert_rate(score))
    if not LEAST_RATE <= rate <= 1.0 - LEAST_RATE:
        raise Unresolved(reference, score, rate)
    return rate


def check_steps(reference: Reference) -> None:
    """Raises ValueError where a step from one score to the next skips more than a hundredth of a usual alert rate."""
    scores = reference.score_at(_RATES)
    steps = (reference.alert_rate(np.nextafter(scores, 0.0)) - reference.alert_rate(scores)) / _RATES
    worst = int(np.argmax(steps))
    if not steps[worst] <= _WIDEST_STEP:
        raise ValueError(
            f"{reference} falls so steeply at an alert rate of {_RATES[worst]:.3g} that one score and the next differ "
            f"by {100 * steps[worst]:.3g} % of it; allowed is {100 * _WIDEST_STEP:g} %"
        )
