"""Everything that one scoring process has, made once in it: after the fork or spawn, for threads do not survive one."""

from dataclasses import dataclass
from functools import cache

from django.conf import settings

from scoring.engine.breaker import Limits
from scoring.queue.segments import SegmentWriter
from scoring.serving.admission import Admission
from scoring.serving.express import Application, ExpressLane
from scoring.serving.gate import Gate
from scoring.serving.loader import Loader
from scoring.serving.presence import Presence
from scoring.serving.quotas import Quotas
from scoring.serving.service import ScoringService
from scoring.serving.single import SingleEvents, SingleViews
from scoring.serving.state import State
from scoring.serving.stuck import Stuck
from scoring.serving.trial import Trials
from scoring.serving.watcher import Watcher
from scoring.store import artifacts
from scoring.store.sources import DiskCopy

LARGE_REQUESTS = 3  # of one tenant in flight; the supervisor gives a process more threads than that


@dataclass(frozen=True)
class Serving:
    """The parts of a scoring process."""

    state: State
    log: SegmentWriter
    service: ScoringService
    watcher: Watcher
    admission: Admission
    stuck: Stuck


@cache
def serving() -> Serving:
    """Return the parts of this scoring process, made once."""
    env = settings.ENV
    state, presence = State(), Presence()
    quotas = Quotas(env["MUSE_SCORING_WORKERS"], days=presence.days)
    log = SegmentWriter(
        settings.SEGMENTS_DIR,
        max_bytes=env["MUSE_SEGMENT_BYTES"],
        total_bound=env["MUSE_SEGMENTS_MAX_BYTES"],
        fsync=env["MUSE_SEGMENT_FSYNC"],
    )
    limits = Limits(env["MUSE_PREDICTOR_FAILURES"], env["MUSE_PREDICTOR_SECONDS"], env["MUSE_PREDICTOR_REST_SECONDS"])
    loader = Loader(state, quotas, DiskCopy(settings.SERVING_CACHE_DIR), trials(), limits)
    admission = Admission(seconds=env["MUSE_QUEUE_SECONDS"], slots=LARGE_REQUESTS)
    return Serving(
        state=state,
        log=log,
        service=ScoringService(state, quotas, log, presence, env["MUSE_BATCH_MAX_EVENTS"], env["MUSE_SCORING_PROXIES"]),
        watcher=Watcher(state, loader, presence, log),
        admission=admission,
        stuck=Stuck(admission.working_since),
    )


def in_front_of(django: Application) -> Application:
    """The express lane before Django, unless the settings say otherwise."""
    if not settings.ENV["MUSE_EXPRESS_LANE"]:
        return django
    return ExpressLane(django, serving().service, settings.DATA_UPLOAD_MAX_MEMORY_SIZE)


def at_once(application: Application, named: Application | None = None) -> SingleEvents | SingleViews:
    """The lane of single events, beside the express lane or, if that is off, before Django.

    `named`: Django as it names requests in the log.
    """
    if isinstance(application, ExpressLane):
        return SingleEvents(application)
    return SingleViews(named or application, settings.DATA_UPLOAD_MAX_MEMORY_SIZE)


def gated(application: Application) -> Gate:
    """The application, to which requests come one at a time, and no more than can be served."""
    return Gate(application, serving().admission, serving().service, settings.DATA_UPLOAD_MAX_MEMORY_SIZE)


def trials() -> Trials:
    """This machine's trials of models: what one of its processes has found, all of them know."""
    return Trials(
        settings.SERVING_CACHE_DIR / "tried",
        artifacts.load,
        seconds=settings.ENV["MUSE_MODEL_TRIAL_SECONDS"],
        memory_bytes=settings.ENV["MUSE_MODEL_CHECK_BYTES"],
    )
