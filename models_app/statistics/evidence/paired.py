"""How an alert rate changes on the same events: what counts is who changes sides."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models_app.statistics.clusters import INDEPENDENT, Effect


@dataclass(frozen=True)
class PairedChange:
    """Alerts of n events: `both` times, `only_before` and `only_after`; `relative` is after / before − 1.

    `low` to `high` is an interval of it; all three are None where no event alerts either way, and the upper end is
    None where it has no bound.
    """

    both: int
    only_before: int
    only_after: int
    relative: float | None
    low: float | None
    high: float | None

    @property
    def new_share(self) -> float | None:
        """Of the alerts after, the share that did not alert before; None without alerts."""
        after = self.both + self.only_after
        return self.only_after / after if after else None


def paired_change(
    before: NDArray[np.bool_], after: NDArray[np.bool_], confidence: float = 0.95, effect: Effect = INDEPENDENT
) -> PairedChange:
    """The change from alerts `before` to alerts `after`, both of shape (n,), for the same events in the same order."""
    both = int(np.count_nonzero(before & after))
    only_before, only_after = int(np.count_nonzero(before)) - both, int(np.count_nonzero(after)) - both
    return of_counts(both, only_before, only_after, confidence, effect)


def of_counts(
    both: int, only_before: int, only_after: int, confidence: float = 0.95, effect: Effect = INDEPENDENT
) -> PairedChange:
    """As `paired_change`, from counts.

    The interval is Bonett and Price's hybrid score interval of a ratio of paired proportions (Statistics in Medicine
    25, 2006, 3039 to 3047), which stays sound with few discordant events; `effect` widens it where events come in
    clusters.
    """
    if min(both, only_before, only_after) < 0:
        raise ValueError(f"counts: expected 0 or more, found {both}, {only_before}, {only_after}")
    either = both + only_before + only_after
    if not either:
        return PairedChange(0, 0, 0, None, None, None)
    after, before = both + only_after, both + only_before
    z = _adjusted_z(either, after, before, only_before + only_after, effect.quantile(confidence))
    (low_after, high_after), (low_before, high_before) = (score_interval(each, either, z) for each in (after, before))
    relative = after / before - 1.0 if before else None
    high = high_after / low_before - 1.0 if low_before > 0.0 else None
    return PairedChange(both, only_before, only_after, relative, low_after / high_before - 1.0, high)


def _adjusted_z(either: int, after: int, before: int, discordant: int, z: float) -> float:
    """Their z, made smaller by how much the two proportions go together."""
    together = math.sqrt((discordant + 2) / ((after + 1) * (before + 1)))
    apart = sum(math.sqrt((1 - (each + 1) / (either + 2)) / (each + 1)) for each in (after, before))
    return together / apart * z


def score_interval(count: int, n: int, z: float) -> tuple[float, float]:
    """Wilson's interval of a share, at this quantile of the normal distribution."""
    share = count / n
    centre, spread = 2 * n * share + z * z, z * math.sqrt(z * z + 4 * n * share * (1 - share))
    low, high = ((centre + sign * spread) / (2 * (n + z * z)) for sign in (-1, 1))
    return (low if count else 0.0), (high if count < n else 1.0)
