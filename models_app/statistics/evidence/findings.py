"""What an examination finds, in plain numbers: JSON of it is what evidence is stored, digested and shown as."""

from dataclasses import dataclass, field

from models_app.statistics.alert_rates import ObservedRate
from models_app.statistics.evidence.forecast import Forecast
from models_app.statistics.evidence.gates import Gate
from models_app.statistics.evidence.histograms import Crossing, Histogram
from models_app.statistics.evidence.labels import EVERY_LABEL, LabelRule
from models_app.statistics.evidence.paired import PairedChange
from models_app.statistics.evidence.performance import Performance
from models_app.statistics.evidence.segments import Segment
from models_app.statistics.held_out import HeldOutRate
from models_app.statistics.past_weeks import Contrast


@dataclass(frozen=True)
class ThresholdEvidence:
    """A declared threshold before and after. `change` is paired; None, as `before`, where nothing was live.

    `past`: how each past week lay from those before it, as scored after the change. `held_out`: the alert rate of the
    proposed transforms' fits on days that they had not seen; None where one has no such thing. `segments`: those with
    events enough, what moves first; none where nothing was live, and in evidence of former versions. `listed`: how many
    of the events that change sides are kept one by one beside the evidence; None where nothing was live, and in former
    versions.
    """

    name: str
    score: float
    action: str
    target: float
    before: ObservedRate | None
    after: ObservedRate
    change: PairedChange | None
    alerts_a_day_before: float | None
    alerts_a_day_after: float
    forecast: Forecast
    gate: Gate
    swapped_in: list[str]
    swapped_out: list[str]
    past: list[Contrast] = field(default_factory=list)
    held_out: HeldOutRate | None = None
    segments: list[Segment] = field(default_factory=list)
    listed: int | None = None

    @property
    def moving(self) -> list[Segment]:
        return [each for each in self.segments if each.moves]


@dataclass(frozen=True)
class Group:
    """Events that have something in common, and how many alert at each threshold, in their order."""

    name: str
    n: int
    before: list[int] | None
    after: list[int]


@dataclass(frozen=True)
class Level:
    """An alert rate, and the scores that so many events reach; the tail is at the end of the list."""

    alert_rate: float
    before: float | None
    after: float
    reference: float


@dataclass(frozen=True)
class Movement:
    """Quantiles of the probability at `levels`, and its mean: it moves with the model, the score does not."""

    levels: list[float]
    before: list[float] | None
    after: list[float]
    mean_before: float | None
    mean_after: float


@dataclass(frozen=True)
class Exceedance:
    """Events at or above the `probability` at which a transform reaches a threshold's `score`.

    `fitted`: the share of its fitting sample, `seen`: that of the events that it answers in the window, `events` of
    them. `relative` is seen / fitted − 1, and `low` to `high` an interval of it with the sampling of both and the drift
    from week to week, of standard deviation `drift` by `past_weeks` weeks; None where nothing tells. `rose`: all of the
    interval lies above what the review policy tolerates.
    """

    name: str
    score: float
    probability: float
    fitted: float
    events: int
    seen: float
    relative: float | None = None
    low: float | None = None
    high: float | None = None
    drift: float = 0.0
    past_weeks: int = 0
    rose: bool = False


@dataclass(frozen=True)
class RiskOfDay:
    """A day's `n` events beside the fitting sample: their mean probability, the `distance`, and its `floor`.

    `above`: how many lie at or above each threshold's probability; `beyond`: how many above all of the fitting sample.
    """

    name: str
    n: int
    mean: float
    distance: float
    floor: float | None
    above: list[int]
    beyond: int


@dataclass(frozen=True)
class Risk:
    """The probability of the `n` events that a transform answers in the window, beside that which it was fitted on.

    `side`: live, or proposed. `fitted_of`: whose probabilities those were, "" where nothing is known of them: then all
    that follows is empty. `fitted_n` is 0 where their number is not known; `kept`: else they are read from its knots.
    `fitted` and `seen`: the probabilities that `rates` of either reach. `distance`: between both distributions
    (Kolmogorov and Smirnov); chance alone stays below `floor` in 95 % of cases. `very_high`: of the events that are
    more than in the fitting sample above what a tenth of it reaches, the share above what a thousandth of it reaches;
    None where there are not more. `beyond`: events above `highest`, the largest of the fitting sample.
    """

    side: str
    predictor: str
    transform: int
    n: int
    mean: float
    fitted_of: str = ""
    fitted_n: int = 0
    fitted_mean: float | None = None
    kept: bool = True
    rates: list[float] = field(default_factory=list)
    fitted: list[float] = field(default_factory=list)
    seen: list[float] = field(default_factory=list)
    distance: float | None = None
    floor: float | None = None
    thresholds: list[Exceedance] = field(default_factory=list)
    very_high: float | None = None
    highest: float | None = None
    beyond: int = 0
    by_day: list[RiskOfDay] = field(default_factory=list)


@dataclass(frozen=True)
class IntentEvidence:
    """All about one intent. With `n` 0 the lists are empty and `note` says why; `out_of_service`: it would be taken so.

    `n` events of a window's `total` tell it; `left_out`: events that were drawn, but whose features were not kept.
    Alerts a day are of the whole window's events, over its `days`; counts elsewhere are of those n.
    `by_feature`: by each feature that makes segments; [] where it was not recorded, and events that are in none of its
    groups have no record of it. `why_no_performance`: as a sentence, why there is none. `entity`, `amount`, `labels`:
    how it was judged, by the intent's settings then.
    """

    intent: str
    n: int
    days: float
    thresholds: list[ThresholdEvidence]
    levels: list[Level]
    by_day: list[Group]
    by_context: dict[str, list[Group]]
    movement: Movement | None
    rank_correlation: float | None
    performance: Performance | None
    note: str = ""
    total: int = 0
    left_out: int = 0
    histogram: Histogram | None = None
    crossing: Crossing | None = None
    out_of_service: bool = False
    why_no_performance: str = ""
    risks: list[Risk] = field(default_factory=list)
    entity: str = ""
    amount: str = ""
    labels: LabelRule = EVERY_LABEL
    by_feature: dict[str, list[Group]] = field(default_factory=dict)

    @property
    def scale(self) -> float:
        """Events of the window for each one that was drawn."""
        return self.total / max(1, self.n + self.left_out)
