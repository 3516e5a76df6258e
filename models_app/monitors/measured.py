"""What a look measures beside what it decides by: how far events lie from the reference, and from the fit."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from models_app.catalog.references import mathematical
from models_app.statistics.monitors import unfitted
from models_app.statistics.monitors.distance import Distance, distance
from models_app.statistics.monitors.look import Hour
from models_app.transforms.models import Transform
from models_app.transforms.report import fitting_sample_of
from models_app.transforms.to_document import transform_part
from scoring.engine import bins
from scoring.engine.mapping import QuantileMapping
from scoring.models import HourProfile


class Measured(msgspec.Struct, frozen=True):
    """Of the last day's hours, for the transform that answered most of their events.

    `scores`: how far these lie from the reference; `probabilities`: from what the transform was fitted on, None where
    that is not known. `beyond`: events riskier than all of that since the transform went live, and how many were `due`.
    """

    transform: int
    scores: Distance
    probabilities: Distance | None = None
    beyond: int = 0
    due: float = 0.0


def tops_of(served: Iterable[HourProfile]) -> Mapping[int, unfitted.Top]:
    """By transform, what lies above its highest knot; none of those of which that is nothing."""
    transforms = Transform.objects.filter(pk__in={row.transform for row in served}).select_related("reference")
    found = {each.pk: _top(each) for each in transforms if len(each.y) > 2}
    return {pk: top for pk, top in found.items() if top.rate > 0.0}


def measured_of(day: Sequence[Hour], watches: Mapping[int, unfitted.Watch]) -> Measured | None:
    """None without events."""
    served = [each for hour in day for each in hour.served.items()]
    events = bins.together(*({str(transform): each.events} for transform, each in served))
    found = Transform.objects.filter(pk__in=events).select_related("reference")
    transform = max(found, key=lambda each: events[str(each.pk)], default=None)
    if transform is None:
        return None
    spread = bins.together(*(each.probability for pk, each in served if pk == transform.pk))
    return _measured(transform, spread, watches.get(transform.pk, unfitted.Watch()))


def _measured(transform: Transform, spread: bins.Spread, watch: unfitted.Watch) -> Measured | None:
    reference, mapping = mathematical(transform.reference), QuantileMapping(tuple(transform.x), tuple(transform.y))
    n = int(transform.report.get("n", 0))
    scores = distance(spread, lambda p: float(reference.alert_rate(mapping.one(p))), n)
    if scores is None:
        return None
    sample = fitting_sample_of(transform_part(transform), reference, transform.report)
    probabilities = distance(spread, sample.share, sample.n) if sample is not None else None
    due = watch.events * _top(transform).rate
    return Measured(transform.pk, scores, probabilities, watch.came, due)


def _top(transform: Transform) -> unfitted.Top:
    rate = float(mathematical(transform.reference).alert_rate(transform.y[-2]))
    return unfitted.Top(rate, max(1.0, rate * transform.report.get("n", 0)))
