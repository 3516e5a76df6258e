"""One attempt at a fit, from its events to its transform."""

import structlog
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from models_app.fitting.columns import ColumnError
from models_app.fitting.events import NoFit, probabilities
from models_app.fitting.source import Source, WindowSource, read_source, window
from models_app.fitting.work import Stopped, Work, take_up
from models_app.models import Fit
from models_app.services import heartbeat, reports
from models_app.services.references import mathematical
from models_app.statistics.fit import fit_mapping
from models_app.statistics.sample import SortedSample
from models_app.statistics.sample_size import Verdict, assess
from models_app.statistics.summary import summarise
from tenants.scope import tenant_scope

log = structlog.get_logger(__name__)


def run_fit(tenant_id: int, fit_id: int) -> None:
    """Run a fit that waits, or whose worker died; another that is at it is left alone.

    Where the database goes away the fit stays as it is and is taken up again; every other error ends it.
    """
    work = take_up(tenant_id, fit_id)
    if work is None:
        return
    try:
        with heartbeat.beating(work.beat):
            _attempt(work)
    except Stopped:
        log.info("fit was cancelled or taken over", fit=fit_id, attempt=work.attempt)


def _attempt(work: Work) -> None:
    try:
        if work.attempt > heartbeat.MAX_ATTEMPTS:
            raise NoFit(f"it was begun {heartbeat.MAX_ATTEMPTS} times and its worker died; see the worker's log")
        _fit(work)
    except (Stopped, OperationalError, InterfaceError):
        raise
    except (NoFit, ColumnError) as error:
        work.fail(str(error))
    except Exception as error:
        log.exception("fit broke off", fit=work.fit_id)
        work.fail(f"it broke off unexpectedly ({type(error).__name__}: {error}); see the worker's log")


def _fit(work: Work) -> None:
    with tenant_scope(work.tenant_id):
        rows = Fit.objects.select_related("tenant", "intent", "predictor", "reference")
        fit = rows.prefetch_related("predictor__members__model").get(pk=work.fit_id)
    reference = mathematical(fit.reference)
    thresholds = reports.declared_thresholds(fit.intent)
    source = read_source(fit.source, now=timezone.now())
    values = probabilities(fit, source, work)
    assessment = assess(len(values), reports.alert_rates(reference, thresholds))
    work.say(assessment.sentence, 0.85)
    if assessment.verdict == Verdict.REFUSED:
        raise NoFit(assessment.sentence)
    scores = [threshold.score for threshold in thresholds]
    fitted = fit_mapping(values, reference, scores)
    work.say(f"fitted {len(fitted.x):,} knots on {fitted.n:,} events of {fitted.distinct:,} values", 0.95)
    summary = summarise(SortedSample(values), fitted.mapping(), reference, scores)
    report = reports.of_fit(fitted, thresholds, assessment, summary) | {"source": _described(source, fit)}
    work.succeed(x=list(fitted.x), y=list(fitted.y), report=report)


def _described(source: Source, fit: Fit) -> dict[str, object]:
    """The source as it was asked for, with the window that it came to."""
    if isinstance(source, WindowSource):
        covered = window(source)
        return {**fit.source, "start": covered.start.isoformat(), "end": covered.end.isoformat()}
    return dict(fit.source)
