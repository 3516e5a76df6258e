"""Having a fit done by work that needs its transform."""

import time

from models_app.transforms.models import Fit
from models_app.transforms.run import run_fit
from models_app.work.lease import Attempt, CannotBeDone

PAUSE_SECONDS = 0.25


def transform_of(work: Attempt, fit: Fit) -> int:
    """The transform of a fit, which is made here unless another worker is at it. Raises CannotBeDone, Stopped."""
    while fit.state in Fit.ACTIVE:
        run_fit(fit.tenant_id, fit.pk)
        with work.scope():
            fit.refresh_from_db(fields=["state", "transform", "error"])
        if fit.state in Fit.ACTIVE:  # another worker is at it
            work.say("", 0.0)
            time.sleep(PAUSE_SECONDS)
    if fit.transform_id is None:
        raise CannotBeDone(f"{fit.intent.name}: the fit {fit.state}: {fit.error}")
    return int(fit.transform_id)
