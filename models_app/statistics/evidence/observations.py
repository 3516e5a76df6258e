"""What is examined: the same n events, as they were or would be scored before a change and after it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from models_app.statistics.clusters import Codes
from models_app.statistics.drift import DAY
from models_app.statistics.evidence.labels import EVERY_LABEL, UNLABELLED, LabelRule
from models_app.statistics.evidence.parts import Values
from models_app.statistics.fitting_sample import FittingSample
from models_app.statistics.held_out import HeldOutRate
from models_app.statistics.past_weeks import Contrast
from models_app.statistics.references import AlertRates
from scoring.engine.probability import FloatArray

__all__ = ["UNLABELLED", "Answering", "Observations", "Past", "Question", "ThresholdQuestion"]


@dataclass(frozen=True)
class Answering:
    """A transform that answers events of a window: on the `side` that is live, or proposed.

    `rows` (n,): which events. `thresholds`: by name, the score and the probability at which the transform reaches it.
    `fitted`: what it was fitted on, None where nothing is known of that.
    """

    side: str
    predictor: str
    transform: int
    rows: NDArray[np.bool_]
    thresholds: Mapping[str, tuple[float, float]]
    fitted: FittingSample | None


@dataclass(frozen=True)
class Observations:
    """Arrays of shape (n,), a row for each event.

    `occurred_at`: microseconds since 1970, UTC, within the window [`since`, `until`). That begins no earlier than the
    intent's first event of all: before it there was no traffic to count by the day. `before`, `probability_before`:
    None where nothing is live yet. `contexts`: attribute → values as text. `labels`: 0, 1, or UNLABELLED; empty where
    nobody labels. `labelled_after`: days from an event to its label, NaN where none is known. `entities`: a number for
    each entity, whose events share their fate. `amounts`: NaN where an event has none. They are a sample of `total`
    events where that is set. `left_out`: how many more were drawn that nothing can be said of. `past`: events from
    before the window, for how weeks differ. `answering`: the transforms that answer them, on both sides.
    `features`: by name, what they have of those that divide them into segments; none that no event has.
    `labels_as_of`: when (µs) labels were as they are here, to which the ages of events are reckoned; None: at `until`.
    """

    event_ids: NDArray[np.object_]
    occurred_at: NDArray[np.int64]
    after: FloatArray
    probability_after: FloatArray
    since: int
    until: int
    before: FloatArray | None = None
    probability_before: FloatArray | None = None
    contexts: Mapping[str, NDArray[np.object_]] = field(default_factory=dict)
    labels: NDArray[np.int8] = field(default_factory=lambda: np.empty(0, np.int8))
    labelled_after: FloatArray | None = None
    entities: Codes | None = None
    amounts: FloatArray | None = None
    total: int | None = None
    left_out: int = 0
    past: "Past | None" = None
    answering: tuple[Answering, ...] = ()
    labels_as_of: int | None = None
    features: Mapping[str, Values] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.after)

    @property
    def days(self) -> float:
        """Length of the window; at least an hour, for less traffic says nothing of a day."""
        return max(1.0 / 24.0, (self.until - self.since) / DAY)

    @property
    def drawn(self) -> int:
        return len(self) + self.left_out

    @property
    def of(self) -> int:
        """All events of the window."""
        return self.drawn if self.total is None else self.total

    def without_unknown(self) -> "Observations":
        """Those that both sides have a probability of; the rest is counted as left out."""
        unknown = np.isnan(self.probability_after)
        if self.probability_before is not None:
            unknown |= np.isnan(self.probability_before)
        if not unknown.any():
            return self
        rows = ~unknown
        return replace(
            self,
            event_ids=self.event_ids[rows],
            occurred_at=self.occurred_at[rows],
            after=self.after[rows],
            probability_after=self.probability_after[rows],
            before=None if self.before is None else self.before[rows],
            probability_before=None if self.probability_before is None else self.probability_before[rows],
            contexts={name: values[rows] for name, values in self.contexts.items()},
            labels=self.labels[rows] if len(self.labels) else self.labels,
            labelled_after=None if self.labelled_after is None else self.labelled_after[rows],
            entities=None if self.entities is None else self.entities[rows],
            amounts=None if self.amounts is None else self.amounts[rows],
            left_out=self.left_out + int(unknown.sum()),
            answering=tuple(replace(each, rows=each.rows[rows]) for each in self.answering),
            features={name: values.of(rows) for name, values in self.features.items()},
        )


@dataclass(frozen=True)
class Past:
    """Events from before the window, shape (m,): when they occurred (µs), and their scores after the change.

    `before`: by what is live; None where nothing is. NaN, on both sides, where no score is known.
    """

    occurred_at: NDArray[np.int64]
    after: FloatArray
    before: FloatArray | None = None


@dataclass(frozen=True)
class ThresholdQuestion:
    """A threshold that a client declared, and how far its alert rate may move.

    By `tolerance`, as a share of it, or by `alerts_a_day`: the wider of both counts. `segment_tolerance`: how far the
    rate of a segment may move beside that of the intent. `live_score`: where the threshold lies in what is live, if
    that is another score than after the change.
    """

    name: str
    score: float
    action: str
    tolerance: float
    alerts_a_day: float = 0.0
    segment_tolerance: float = 0.1
    live_score: float | None = None

    @property
    def score_before(self) -> float:
        return self.score if self.live_score is None else self.live_score

    @property
    def is_moved(self) -> bool:
        """Whether the threshold itself is moved: then the change of its alerts is not of scores alone."""
        return self.score_before != self.score


@dataclass(frozen=True)
class Question:
    """What is asked of an intent's observations. The target at a threshold is the reference's alert rate there.

    `live_reference`: that of what is live, None where it is the same. `others`: what past weeks of other intents say of
    how much weeks differ. `held_out`: by score, the alert rate of the proposed transforms' fits on days that they had
    not seen. `labels`: which events count as labelled. `entity`, `amount`, `segment_features`: the names of what
    entities, amounts and segments were read from. `risk_tolerance`: by how much, as a share, events above a threshold's
    probability may become more before risk rose. `recall_tolerance`: by how much recall may fall; None: it is not
    asked.
    """

    thresholds: tuple[ThresholdQuestion, ...]
    reference: AlertRates
    confidence: float = 0.95
    others: tuple[Contrast, ...] = ()
    held_out: Mapping[float, HeldOutRate] = field(default_factory=dict)
    labels: LabelRule = EVERY_LABEL
    risk_tolerance: float = 0.2
    recall_tolerance: float | None = None
    entity: str = ""
    amount: str = ""
    live_reference: AlertRates | None = None
    segment_features: tuple[str, ...] = ()

    def target(self, threshold: ThresholdQuestion) -> float:
        return float(self.reference.alert_rate(threshold.score))

    def target_before(self, threshold: ThresholdQuestion) -> float:
        """What is live is held against its own reference, where the threshold lies now."""
        reference = self.reference if self.live_reference is None else self.live_reference
        return float(reference.alert_rate(threshold.score_before))
