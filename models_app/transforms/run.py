"""One attempt at a fit, from its events to its transform."""

from collections.abc import Sequence
from dataclasses import replace

from django.utils import timezone

from models_app.catalog.references import mathematical
from models_app.statistics.days import merged
from models_app.statistics.fit import FittedMapping, fit_mapping
from models_app.statistics.fitting_sample import FittingSample, fitting_sample
from models_app.statistics.held_out import HeldOut, held_out, next_week
from models_app.statistics.references import Reference
from models_app.statistics.resolution import Unresolved
from models_app.statistics.sample_size import RATE_WITHOUT_THRESHOLDS, Verdict, assess, events_in_words
from models_app.statistics.sketched import Sketched
from models_app.statistics.summary import Summary, summarise
from models_app.transforms import report as reports
from models_app.transforms.events import Events, NoFit
from models_app.transforms.lease import Work
from models_app.transforms.models import Fit
from models_app.transforms.source import Source, WindowSource, read_source, window
from models_app.transforms.taking import events as take
from scoring.engine.document import Threshold
from tenants.scope import tenant_scope


def run_fit(tenant_id: int, fit_id: int) -> None:
    """Run a fit that waits, or whose worker died; another that is at it is left alone."""
    work = Work.take_up(tenant_id, fit_id)
    if work is not None:
        work.run(_fit)


def _fit(work: Work) -> None:
    with tenant_scope(work.tenant_id):
        rows = Fit.objects.select_related("tenant", "intent", "predictor", "reference")
        fit = rows.prefetch_related("predictor__members__model").get(pk=work.row_id)
    reference = mathematical(fit.reference)
    thresholds = reports.declared_thresholds(fit.intent)
    source = read_source(fit.source, now=timezone.now())
    rates = _rates(reference, thresholds)
    taken = take(fit, source, work)
    sketched = Sketched.of(taken.days, taken.halved)
    assessment = assess(len(taken), rates, sketched=sketched.error, effective=taken.worth.events)
    work.say(assessment.sentence, 0.85)
    if assessment.verdict == Verdict.REFUSED:
        raise NoFit(assessment.sentence)
    scores = [threshold.score for threshold in thresholds]
    fitted, summary, kept = _fitted(taken, reference, scores, sketched)
    kind = "values kept by sketches" if sketched else "values"
    events = events_in_words(fitted.n, fitted.effective)
    work.say(f"fitted {len(fitted.x):,} knots on {events}, of {fitted.distinct:,} {kind}", 0.95)
    report = reports.of_fit(fitted, thresholds, assessment, summary) | reports.of_fitting_sample(kept)
    report |= _out_of_time(taken, fitted, reference, scores, work, sketched) | {"source": _described(source, fit)}
    report |= reports.of_sketches(sketched, fitted)
    work.succeed(x=list(fitted.x), y=list(fitted.y), report=report)


def _fitted(
    taken: Events, reference: Reference, scores: Sequence[float], sketched: Sketched
) -> tuple[FittedMapping, Summary, FittingSample]:
    """All that is made of the events in order, which are let go before more is asked: they take much memory.

    What evidence holds later events against is exact where the thresholds are reached.
    """
    ordered = sketched.sample or merged(taken.days, taken.halved)
    fitted = fit_mapping(ordered, reference, scores)
    summary = summarise(ordered, fitted.mapping(), reference, scores, sketched.error)
    days = taken.days if taken.have_times else []
    kept = fitting_sample(ordered, [fitted.reaches(score) for score in scores], days, halved=taken.halved)
    return fitted, summary, replace(kept, sketched=sketched.largest_error)


def _out_of_time(
    taken: Events,
    fitted: FittedMapping,
    reference: Reference,
    scores: Sequence[float],
    work: Work,
    sketched: Sketched,
) -> dict[str, object]:
    """What the same fit does on events that it has not seen. Without thresholds one is asked about as evidence does."""
    if not taken.have_times:
        return reports.of_held_out(HeldOut(why_not="an uploaded sample does not say when its events occurred"), ())
    thresholds = scores or [float(reference.score_at(RATE_WITHOUT_THRESHOLDS))]
    held = held_out(taken.days, reference, thresholds, taken.halved)
    if not held.why_not:
        work.say(f"fitted on the first {held.fitted_days} days, and held against the last {held.days}", 0.97)
    achieved = {each.score: each.achieved for each in fitted.thresholds}
    weeks = []
    for each in held.thresholds:
        reached, apart = achieved.get(each.score) or each.target, sketched.error(each.target) ** 2
        weeks.append(next_week(held, each, reached, fitted.n, apart, taken.worth if taken.halved is not None else None))
    return reports.of_held_out(held, weeks)


def _rates(reference: Reference, thresholds: Sequence[Threshold]) -> list[float]:
    """Thresholds may have been declared since the fit was asked for."""
    try:
        return reports.alert_rates(reference, thresholds)
    except Unresolved as error:
        raise NoFit(str(error)) from None


def _described(source: Source, fit: Fit) -> dict[str, object]:
    """The source as it was asked for, with the window that it came to."""
    if isinstance(source, WindowSource):
        covered = window(source)
        return {**fit.source, "start": covered.start.isoformat(), "end": covered.end.isoformat()}
    return dict(fit.source)
