"""Taking a fit's events: all of them in order, up to as many as are sorted; of more, sketches."""

from django.conf import settings

from models_app.transforms.events import Events, in_order, uploaded
from models_app.transforms.lease import Work
from models_app.transforms.models import Fit
from models_app.transforms.parts import sketched
from models_app.transforms.routes import events_of, routes_in_words
from models_app.transforms.source import SampleSource, Source, WindowSource, window
from scoring.lake import reading
from scoring.lake.pieces import events_in_files
from scoring.lake.routed import Routed
from tenants.scope import tenant_scope

WEIGHTED = 4  # times the memory that an event takes by itself, where its weight is sorted beside it


def events(fit: Fit, source: Source, work: Work) -> Events:
    """The events of the source, with the work's progress told. Raises CannotBeDone, Stopped."""
    if isinstance(source, SampleSource):
        return uploaded(fit, source, work)
    with tenant_scope(work.tenant_id):
        routed = events_of(fit.tenant_id, fit.intent.name, source)
    if routed is not None:
        work.say(f"of {routes_in_words(source.routes)}, as release {source.release} has it", 0.0)
    limit = settings.ENV["MUSE_FIT_EXACT_LIMIT"]
    if source.half_life_days is not None:
        limit //= WEIGHTED
    if fit.sketched or _are_more(limit, fit, source, routed):
        return sketched(fit, source, work, limit)
    return in_order(fit, source, routed, work)


def _are_more(limit: int, fit: Fit, source: WindowSource, routed: Routed | None) -> bool:
    """Whether there are more than so many events; counted only where the files of the window have as many."""
    covered = window(source)
    if events_in_files(fit.tenant_id, fit.intent.name, covered.start, covered.end) <= limit:
        return False
    given_by = fit.predictor.key if source.kind == "recorded" else None
    return reading.count_events(fit.tenant_id, fit.intent.name, covered.start, covered.end, given_by, routed) > limit
