"""Many tenants judged at once: how many pass by chance, and which pass clearly enough to be approved in bulk."""

from collections.abc import Sequence
from dataclasses import dataclass

from models_app.changes.evidence.models import Evidence
from models_app.statistics.evidence.multiplicity import discoveries

# Of those that are approved in bulk, so many may be expected to lie beyond their tolerance.
FALSE_DISCOVERIES = 0.05


@dataclass(frozen=True)
class Judged:
    """A line of a replacement: its tenant's slug, its state, and its verdict now.

    `p_value`, `by_chance`: as the verdict has them; None where it has none, as in what former versions found.
    """

    tenant: str
    state: str
    verdict: str
    p_value: float | None
    by_chance: float | None


@dataclass(frozen=True)
class AtOnce:
    """Of `judged` lines, `by_chance` would pass though each lay at its tolerance's edge.

    `unclear`: tenants that pass, but not clearly enough among so many: with them, more than FALSE_DISCOVERIES of those
    that pass may be expected to be wrong.
    """

    judged: int
    by_chance: float
    unclear: frozenset[str]


def at_once(lines: Sequence[Judged]) -> AtOnce:
    """Of all lines of a replacement.

    Benjamini and Hochberg's procedure, for which lines that do not pass count too; that one model is behind them all
    makes them depend on each other positively, for which it holds (Benjamini and Yekutieli, Annals of Statistics 29,
    2001, 1165 to 1188). A line without a p-value passes by its gates alone.
    """
    known = [line for line in lines if line.p_value is not None]
    clear = discoveries([line.p_value or 0.0 for line in known], FALSE_DISCOVERIES)
    passing = [line.verdict in Evidence.GOOD for line in known]
    unclear = {line.tenant for line, passes, holds in zip(known, passing, clear, strict=True) if passes and not holds}
    return AtOnce(len(known), sum(line.by_chance or 0.0 for line in known), frozenset(unclear))
