"""The probabilities that a fit is made of: recorded, replayed, or uploaded."""

from collections.abc import Callable
from typing import cast

import numpy as np
import pyarrow as pa
from django.conf import settings

from models_app.fitting.columns import Values
from models_app.fitting.source import SampleSource, Source, Window, WindowSource, window
from models_app.fitting.work import Work
from models_app.models import Fit, Sample
from models_app.services.fits import too_many
from models_app.services.parts import features_of, model_part, predictor_part
from models_app.services.samples import read_sample
from models_app.services.schema import takes_null
from scoring.engine.faults import Faults
from scoring.engine.features import FeatureEncoder
from scoring.engine.predictor import RunnablePredictor
from scoring.engine.probability import FloatArray
from scoring.eventlog import reading
from scoring.serving import artifacts
from tenants.scope import tenant_scope

READING_ENDS_AT = 0.8  # of the whole fit's progress


class NoFit(Exception):
    """The events do not make a fit; the message says why and what would."""


def probabilities(fit: Fit, source: Source, work: Work) -> Values:
    """All probabilities of the source (n,), with the work's progress told. Raises NoFit, ColumnError, Stopped."""
    if isinstance(source, SampleSource):
        return _uploaded(fit, source, work)
    read = _recorded(fit) if source.kind == "recorded" else _Replay(fit)
    return _by_day(source, read, work)


def _uploaded(fit: Fit, source: SampleSource, work: Work) -> Values:
    with tenant_scope(work.tenant_id):
        sample = Sample.objects.filter(tenant_id=fit.tenant_id, pk=source.sample).first()
    if sample is None:
        raise NoFit(f"sample {source.sample} is no longer there; upload it again")
    values = read_sample(sample)
    work.say(f"read {len(values):,} probabilities of sample {sample.pk}, column {sample.column}", READING_ENDS_AT)
    return values


def _by_day(source: WindowSource, read: Callable[[Window], Values], work: Work) -> Values:
    whole = window(source)
    days = whole.days()
    parts: list[Values] = []
    total = 0
    for number, day in enumerate(days, start=1):
        part = read(day)
        total += len(part)
        if total > settings.ENV["MUSE_FIT_EXACT_LIMIT"]:
            raise NoFit(too_many(total))
        parts.append(part)
        line = f"{day.start:%Y-%m-%d %H:%M}: {len(part):,} events" if len(part) else ""
        work.say(line, READING_ENDS_AT * number / len(days))
    if not total:
        raise NoFit(
            f"there are no such events from {whole.start:%Y-%m-%d %H:%M} to {whole.end:%Y-%m-%d %H:%M} (UTC); "
            "choose another window, or make the predictor a shadow first, or replay"
        )
    return cast(Values, np.concatenate(parts))


def _recorded(fit: Fit) -> Callable[[Window], Values]:
    def read(day: Window) -> Values:
        return reading.probabilities(fit.tenant_id, fit.intent.name, fit.predictor.key, day.start, day.end)

    return read


class _Replay:
    """Recorded features through the fit's predictor."""

    def __init__(self, fit: Fit) -> None:
        self._fit = fit
        features = {feature.name: feature for feature in features_of(fit.intent)}
        self._encoder = FeatureEncoder(tuple(features.values()))
        members = list(fit.predictor.members.all())
        self._names = sorted({each["name"] for member in members for each in member.model.features})
        missing = [name for name in self._names if name not in features]
        if missing:
            raise NoFit(f"the intent has no feature {', '.join(missing)}, which {fit.predictor.key} needs")
        self._types = {f"features.{name}": features[name].type for name in self._names}
        self._never_null = [name for name in self._names if not takes_null(features[name])]
        models = {}
        for member in members:
            part = model_part(member.model)
            models[member.model.digest] = (part, artifacts.open_model(member.model.digest, part))
        self._predictor = RunnablePredictor(predictor_part(fit.predictor), models)

    def __call__(self, day: Window) -> Values:
        table = self._table(day)
        if not len(table):
            return np.empty(0)
        columns = {name: self._encoded(name, table.column(f"features.{name}")) for name in self._names}
        self._check_recorded(columns)
        _, probability = self._predictor.many(columns)
        return probability

    def _table(self, day: Window) -> pa.Table:
        fit = self._fit
        try:
            return reading.feature_table(
                fit.tenant_id, fit.intent.name, day.start, day.end, list(self._types), self._types
            )
        except KeyError as error:
            raise NoFit(f"{error.args[0]}; a replay needs it") from None

    def _encoded(self, name: str, column: pa.ChunkedArray) -> FloatArray:
        try:
            return self._encoder.encode_column(name, column.to_numpy())
        except Faults as error:
            fault = error.faults[0]
            raise NoFit(
                f"{fault['field']}: expected {fault['expected']}, recorded is {fault['found']}; "
                "the intent's schema has changed since, choose a window after that"
            ) from None

    def _check_recorded(self, columns: dict[str, FloatArray]) -> None:
        for name in self._never_null:
            absent = int(np.isnan(columns[name]).sum())
            if absent:
                raise NoFit(
                    f"features.{name} was not recorded for {absent:,} of {len(columns[name]):,} events of a day; "
                    "choose a window in which it was kept"
                )
