"""The transforms that a line needs: one for each intent and reference, fitted on the intent's own events."""

from collections.abc import Mapping

from django.utils import timezone

from models_app.catalog.models import ReferenceDistribution
from models_app.catalog.references import mathematical
from models_app.catalog.selectors import reference_by_key
from models_app.inputs.errors import invalid
from models_app.replacements.lease import LineWork, TooFewEvents, refusals_as_failures
from models_app.replacements.models import ReplacementLine
from models_app.statistics.sample_size import Verdict, assess
from models_app.transforms import report
from models_app.transforms.estimate import events_in
from models_app.transforms.fits import request_fit
from models_app.transforms.models import Fit
from models_app.transforms.routes import ALL, chosen, events_of
from models_app.transforms.selectors import intent_by_name
from models_app.transforms.source import WindowSource, read_source
from models_app.transforms.waiting import transform_of
from tenants.models import Intent
from tenants.scope import tenant_scope

EITHER = "either"


def transforms_of(
    work: LineWork, line: ReplacementLine, name: str, routes: Mapping[str, list[str]]
) -> Mapping[str, int]:
    """Transform ids for the proposed predictor in an intent, by reference key. Raises CannotBeDone, Stopped.

    `routes`: by reference key, of which routes the events are; no names stand for all events.
    """
    with tenant_scope(work.tenant_id), refusals_as_failures():
        intent = intent_by_name(line.tenant, name)
        rows = [reference_by_key(key, "reference") for key in routes]
    sources = [_source(line, intent, row, routes[row.key]) for row in rows]
    return {row.key: _fitted(work, line, intent, row, source) for row, source in zip(rows, sources, strict=True)}


def read_bulk_source(value: object) -> WindowSource:
    """A replacement's source; of kind “either” it reads as “recorded”. Raises ValidationError naming the field."""
    if isinstance(value, dict) and value.get("kind") == EITHER:
        value = {**value, "kind": "recorded"}
    source = read_source(value, now=timezone.now())
    if not isinstance(source, WindowSource):
        raise invalid("source.kind", f"expected recorded, replay or {EITHER}; a sample is of one tenant only")
    if source.routes or source.release is not None:
        raise invalid("source.routes", "expected none: it is those on which the replaced predictor answers")
    return source


def _source(
    line: ReplacementLine, intent: Intent, reference: ReferenceDistribution, routes: list[str]
) -> dict[str, object]:
    """Recorded probabilities where all events have them, else a replay. Raises TooFewEvents before anything is read."""
    wanted, asked = line.replacement.source, read_bulk_source(line.replacement.source)
    with tenant_scope(line.tenant_id), refusals_as_failures():
        taken = chosen(line.tenant, intent, line.replacement.predictor, routes) if routes else ALL
        routed = events_of(line.tenant_id, intent.name, taken)
        rates = report.checked_alert_rates(mathematical(reference), report.declared_thresholds(intent))
    given_by, none = line.replacement.predictor.key, (0, 0)
    events = none if wanted["kind"] == "recorded" else events_in(asked, intent, None, routed)
    recorded = none if wanted["kind"] == "replay" else events_in(asked, intent, given_by, routed)
    n, effective = max(events, recorded)
    assessment = assess(n, rates, effective=effective)
    if assessment.verdict == Verdict.REFUSED:
        raise TooFewEvents(f"{intent.name}: {assessment.sentence}")
    kind = "recorded" if recorded > none and recorded >= events else "replay"
    of_routes = {"routes": list(taken.routes), "release": taken.release} if taken.routes else {}
    return {**wanted, "kind": kind, **of_routes}


def _fitted(
    work: LineWork, line: ReplacementLine, intent: Intent, reference: ReferenceDistribution, source: dict[str, object]
) -> int:
    """The transform of a fit that this line asks for once, whatever becomes of its worker."""
    with tenant_scope(work.tenant_id), refusals_as_failures():
        fit = _fit_of(work, line, intent, reference, source)
    return transform_of(work, fit)


def _fit_of(
    work: LineWork, line: ReplacementLine, intent: Intent, reference: ReferenceDistribution, source: dict[str, object]
) -> Fit:
    work.locked()
    fits = Fit.objects.filter(line=line, intent=intent, reference=reference)
    latest = fits.filter(state__in=[*Fit.ACTIVE, Fit.State.SUCCEEDED]).order_by("-id").first()
    if latest is not None:
        return latest
    replacement = line.replacement
    fit = request_fit(
        actor=replacement.author,
        tenant=line.tenant,
        intent=intent,
        predictor=replacement.predictor,
        reference=reference,
        source=source,
    )
    fit.line = line
    fit.save(update_fields=["line"])
    return fit
