"""The probabilities that a fit is made of: recorded, replayed, or uploaded."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import cast

import numpy as np
from django.conf import settings

from models_app.catalog.to_document import model_part, predictor_part
from models_app.inputs.columns import ColumnError, Values
from models_app.intents.to_document import features_of
from models_app.transforms.fits import too_many
from models_app.transforms.lease import Work
from models_app.transforms.models import Fit, Sample
from models_app.transforms.replay import Replay
from models_app.transforms.routes import events_of, routes_in_words
from models_app.transforms.samples import read_sample
from models_app.transforms.source import SampleSource, Source, Window, WindowSource, window
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
    """Probabilities of the days of a window in turn, each day's in increasing order; in one if they have no time."""

    days: list[Values]
    have_times: bool = True

    def __len__(self) -> int:
        return sum(map(len, self.days))


def events(fit: Fit, source: Source, work: Work) -> Events:
    """All events of the source, with the work's progress told. Raises CannotBeDone, Stopped."""
    if isinstance(source, SampleSource):
        return _uploaded(fit, source, work)
    with tenant_scope(work.tenant_id):
        routed = events_of(fit.tenant_id, fit.intent.name, source)
    if routed is not None:
        work.say(f"of {routes_in_words(source.routes)}, as release {source.release} has it", 0.0)
    read = _recorded(fit, routed) if source.kind == "recorded" else _replayed(fit, routed)
    return _by_day(source, read, work)


def _uploaded(fit: Fit, source: SampleSource, work: Work) -> Events:
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


def _by_day(source: WindowSource, read: Read, work: Work) -> Events:
    """A day is sorted beside the reading of the next one."""
    whole = window(source)
    days, total = whole.days(), 0
    with ThreadPoolExecutor(1) as beside:
        parts = []
        for number, (day, part) in enumerate(zip(days, read(days), strict=True), start=1):
            total += len(part)
            if total > settings.ENV["MUSE_FIT_EXACT_LIMIT"]:
                raise NoFit(too_many(total))
            parts.append(beside.submit(_sorted, part))
            line = f"{day.start:%Y-%m-%d %H:%M}: {len(part):,} events" if len(part) else ""
            work.say(line, READING_ENDS_AT * number / len(days))
    if not total:
        raise NoFit(
            f"there are no such events from {whole.start:%Y-%m-%d %H:%M} to {whole.end:%Y-%m-%d %H:%M} (UTC); "
            "choose another window, or make the predictor a shadow first, or replay"
        )
    return Events([part.result() for part in parts])


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
