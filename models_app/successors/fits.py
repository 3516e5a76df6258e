"""The fits of a successor: one for each reference that it is to lead to, asked for once whatever becomes of workers."""

from collections.abc import Mapping, Sequence

from models_app.catalog.selectors import reference_by_key
from models_app.replacements.lease import refusals_as_failures
from models_app.successors.lease import TrialWork
from models_app.successors.models import Trial
from models_app.transforms.fits import request_fit
from models_app.transforms.models import Fit
from models_app.transforms.waiting import transform_of
from scoring.models import Release
from tenants.scope import tenant_scope


def fitted(work: TrialWork, trial: Trial, live: Release, routes: Mapping[str, Sequence[str]]) -> Mapping[str, int]:
    """Transforms' ids by reference, on what the shadow has given for recent events. Raises CannotBeDone, Stopped."""
    found = {}
    for number, (reference, names) in enumerate(routes.items(), start=1):
        with tenant_scope(work.tenant_id), refusals_as_failures():
            fit = _fit_of(work, trial, live, reference, names)
        found[reference] = transform_of(work, fit)
        work.say(f"transform {found[reference]} fitted to {reference}", 0.5 * number / len(routes))
    return found


def _fit_of(work: TrialWork, trial: Trial, live: Release, reference: str, routes: Sequence[str]) -> Fit:
    """That of a former attempt, unless it failed, or a new one."""
    known = work.locked().fits.get(reference)
    asked = Fit.objects.filter(pk=known, state__in=[*Fit.ACTIVE, Fit.State.SUCCEEDED]).select_related("intent").first()
    if asked is not None:
        return asked
    of_routes = {"routes": list(routes), "release": live.number} if routes else {}
    fit = request_fit(
        actor=trial.policy.set_by,
        tenant=trial.tenant,
        intent=trial.policy.intent,
        predictor=trial.shadow,
        reference=reference_by_key(reference, "reference"),
        source={"kind": "recorded", "days": trial.policy.trial_days, **of_routes},
    )
    work.keep_fit(reference, fit)
    return fit
