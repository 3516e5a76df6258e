"""Fits of more events than are sorted: a sketch of each day, made by whichever worker is free, then all of them merged.

The fit's own worker makes the parts, gives them out, and works on them as the others do, until all are done: so one
worker is enough, and of several none waits. A part that is done stays so, whoever dies: it is a row with its sketch.
"""

import time
from collections.abc import Iterator, Sequence

from django.utils import timezone

from models_app.inputs.columns import Values
from models_app.statistics.sketch import Sketch
from models_app.transforms.events import READING_ENDS_AT, Events, NoFit, line_of, of_window, reader
from models_app.transforms.lease import PartWork, Work
from models_app.transforms.models import Fit, FitPart
from models_app.transforms.routes import events_of
from models_app.transforms.source import Window, WindowSource, read_source, window
from models_app.work.workers import give_out_after_commit
from scoring.lake.pieces import probability_pieces
from scoring.lake.routed import Routed
from tenants.scope import tenant_scope

POLL_SECONDS = 0.1


def sketched(fit: Fit, source: WindowSource, work: Work, limit: int) -> Events:
    """The events of a window as sketches of its days. Raises CannotBeDone, Stopped."""
    _begin(source, work, limit)
    told: set[int] = set()
    while True:
        with tenant_scope(work.tenant_id):
            parts = list(FitPart.objects.filter(fit=fit).defer("sketch", "log"))
        _tell(parts, told, work)
        if len(told) == len(parts):
            break
        if not _take_one(parts):
            time.sleep(POLL_SECONDS)
    with tenant_scope(work.tenant_id):
        kept = FitPart.objects.filter(fit=fit).values_list("sketch", flat=True)
        return of_window(source, [Sketch.of_bytes(bytes(each)) for each in kept if each is not None])


def run_part(tenant_id: int, part_id: int) -> None:
    """Make the sketch of a part that waits, or whose worker died; another that is at it is left alone."""
    _run(PartWork.take_up(tenant_id, part_id))


def _run(work: PartWork | None) -> bool:
    if work is not None:
        work.run(_sketch)
    return work is not None


def _begin(source: WindowSource, work: Work, limit: int) -> None:
    """Have the parts made, unless an earlier attempt did, and given out."""
    with tenant_scope(work.tenant_id):
        fit = work.locked()
        if fit.sketched:
            return
        fit.sketched = True
        fit.save(update_fields=["sketched"])
        days = [
            FitPart(tenant_id=fit.tenant_id, fit=fit, start=day.start, end=day.end) for day in window(source).days()
        ]
        give_out_after_commit(*FitPart.objects.bulk_create(days))
    work.say(f"sketched, day by day: more events than the {limit:,} that are sorted (MUSE_FIT_EXACT_LIMIT)", 0.0)


def _tell(parts: Sequence[FitPart], told: set[int], work: Work) -> None:
    """Say which parts are done that were not before. Raises NoFit where one cannot be."""
    for part in parts:
        if part.state == FitPart.State.FAILED:
            raise NoFit(f"{part.start:%Y-%m-%d %H:%M}: {part.error}")
        if part.state == FitPart.State.SUCCEEDED and part.pk not in told:
            told.add(part.pk)
            work.say(line_of(Window(part.start, part.end), part.events), READING_ENDS_AT * len(told) / len(parts))


def _take_one(parts: Sequence[FitPart]) -> bool:
    """Work on a part that nobody is at, the last one: others take them from the first on. Whether there was one."""
    waiting = [part for part in parts if part.state in FitPart.ACTIVE]
    return any(_run(PartWork.take_up(part.tenant_id, part.pk)) for part in reversed(waiting))


def _sketch(work: PartWork) -> None:
    with tenant_scope(work.tenant_id):
        rows = FitPart.objects.select_related("fit__intent", "fit__predictor")
        part = rows.prefetch_related("fit__predictor__members__model").get(pk=work.row_id)
        source = read_source(part.fit.source, now=timezone.now())
        assert isinstance(source, WindowSource)
        routed = events_of(part.tenant_id, part.fit.intent.name, source)
    sketch = Sketch()
    for values in _pieces(part.fit, source, routed, Window(part.start, part.end)):
        sketch.add(values)
    work.succeed(sketch)


def _pieces(fit: Fit, source: WindowSource, routed: Routed | None, day: Window) -> Iterator[Values]:
    """A day's events: recorded ones in pieces, of which few are in memory at a time; a replay's in one."""
    if source.kind == "replay":
        return reader(fit, source, routed)([day])
    return probability_pieces(fit.tenant_id, fit.intent.name, fit.predictor.key, day.start, day.end, routed=routed)
