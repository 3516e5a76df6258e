"""The scoring service, one process of it. Loading this module loads what is served, and starts the watcher."""

import os
import sys

from django.core.wsgi import get_wsgi_application

from muse_site.service.heads import Lane
from muse_site.service.naming import named
from muse_site.service.server import Served
from muse_site.service.threads import Application, shed_as

BEHIND = 10  # a tenth of the processor's time is what batches get where single events could use all of it


def start() -> Served:
    """Ready to answer, with everything that could be loaded."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "muse_site.settings_scoring"
    handler = get_wsgi_application()
    from muse_site import routes, tracing
    from scoring.memory import settle
    from scoring.serving.asked import ScoringRequest
    from scoring.serving.process import at_once, gated, in_front_of, serving  # Django has to be set up first

    sys.setswitchinterval(0.0005)  # a request that waits for another thread gets its turn after this, not 5 ms
    serving().watcher.load_first()
    serving().watcher.start()
    express = in_front_of(handler)
    gate = gated(express)
    settle()
    lane: Lane = at_once(express, named(express, ScoringRequest))
    spans = tracing.start("muse-scoring")

    def told_apart(application: Application) -> Application:
        """Its requests have names in the log, and spans where there are any."""
        known = named(application, ScoringRequest)
        return known if spans is None else spans.wsgi(known, routes.of_scoring)

    lane = lane if spans is None else spans.lane(lane)
    shed = shed_as(gate.shed, told_apart)
    return Served(told_apart(gate), lane, gate.taken_in, serving().stuck.look, shed, BEHIND)


served = start()
application = served.application
