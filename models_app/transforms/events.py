"""The probabilities that a fit is made of: recorded, replayed, or uploaded; each of them, in increasing order."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import cast

import numpy as np

from models_app.catalog.to_document import model_part, predictor_part
from models_app.inputs.columns import ColumnError, Values
from models_app.intents.to_document import features_of
from models_app.statistics.days import Day
from models_app.statistics.halvings import Halvings
from models_app.statistics.held_out import Worth
from models_app.transforms.lease import Work
from models_app.transforms.models import Fit, Sample
from models_app.transforms.replay import Replay
from models_app.transforms.samples import read_sample
from models_app.transforms.source import SampleSource, Window, WindowSource, halvings, window
from models_app.work.lease import CannotBeDone
from scoring.lake import reading
from scoring.lake.routed import Routed
from tenants.scope import tenant_scope

READING_ENDS_AT = 0.8  # of the whole fit's progress

Read = Callable[[Sequence[Window]], Iterator[Values]]


class NoFit(CannotBeDone):
    """The events do not make a fit; the message says why and what would."""


@dataclass(frozen=True)
class Events:
    """Probabilities of the days of a window in turn; in one if they have no time.

    Of a day either all, in increasing order, or a sketch. `halved`: how often each day's weight has; None where all
    events weigh the same.
    """

    days: Sequence[Day]
    have_times: bool = True
    halved: Halvings | None = None

    def __len__(self) -> int:
        return sum(map(len, self.days))

    @cached_property
    def worth(self) -> Worth:
        return Worth.of(self.days, self.halved)


def uploaded(fit: Fit, source: SampleSource, work: Work) -> Events:
    """All of a sample. Raises NoFit, Stopped."""
    with tenant_scope(work.tenant_id):
        sample = Sample.objects.filter(tenant_id=fit.tenant_id, pk=source.sample).first()
    if sample is None:
        raise NoFit(f"sample {source.sample} is no longer there; upload it again")
    try:
        values = read_sample(sample)
    except ColumnError as error:
        raise NoFit(str(error)) from None
    work.say(f"read {len(values):,} probabilities of sample {sample.pk}, column {sample.column}", READING_ENDS_AT)
    return Events([cast(Values, np.sort(values))], have_times=False)


def in_order(fit: Fit, source: WindowSource, routed: Routed | None, work: Work) -> Events:
    """All events of a window; a day is sorted beside the reading of the next one. Raises CannotBeDone, Stopped."""
    days = window(source).days()
    with ThreadPoolExecutor(1) as beside:
        parts = []
        for number, (day, part) in enumerate(zip(days, reader(fit, source, routed)(days), strict=True), start=1):
            parts.append(beside.submit(_sorted, part))
            work.say(line_of(day, len(part)), READING_ENDS_AT * number / len(days))
    return of_window(source, [part.result() for part in parts])


def of_window(source: WindowSource, days: Sequence[Day]) -> Events:
    """The events of a window's days. Raises NoFit where there are none."""
    found, whole = Events(days, halved=halvings(source)), window(source)
    if not len(found):
        raise NoFit(
            f"there are no such events from {whole.start:%Y-%m-%d %H:%M} to {whole.end:%Y-%m-%d %H:%M} (UTC); "
            "choose another window, or make the predictor a shadow first, or replay"
        )
    return found


def line_of(day: Window, events: int) -> str:
    """What the log says of a day; nothing of one without events."""
    return f"{day.start:%Y-%m-%d %H:%M}: {events:,} events" if events else ""


def reader(fit: Fit, source: WindowSource, routed: Routed | None) -> Read:
    """What reads a fit's events of windows in turn."""
    return _recorded(fit, routed) if source.kind == "recorded" else _replayed(fit, routed)


def _sorted(values: Values) -> Values:
    values.sort()
    return values


def _recorded(fit: Fit, routed: Routed | None) -> Read:
    def read(days: Sequence[Window]) -> Iterator[Values]:
        windows = [(day.start, day.end) for day in days]
        return reading.probabilities_in(fit.tenant_id, fit.intent.name, fit.predictor.key, windows, routed=routed)

    return read


def _replayed(fit: Fit, routed: Routed | None) -> Read:
    members = fit.predictor.members.all()
    models = {member.model.key: model_part(member.model) for member in members}
    replay = Replay(fit.predictor.key, features_of(fit.intent), predictor_part(fit.predictor), models)

    def read(day: Window) -> Values:
        columns = list(replay.types)
        try:
            table = reading.feature_table(
                fit.tenant_id, fit.intent.name, day.start, day.end, columns, replay.types, routed=routed
            )
        except KeyError as error:
            raise NoFit(f"{error.args[0]}; a replay needs it") from None
        return replay.probabilities(table)

    return lambda days: map(read, days)
