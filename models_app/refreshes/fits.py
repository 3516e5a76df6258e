"""The fits of a refresh: one for each transform that is live, asked for once whatever becomes of the worker."""

from collections.abc import Sequence
from typing import Any

from models_app.refreshes.lease import RefreshWork
from models_app.refreshes.models import Refresh
from models_app.replacements.lease import refusals_as_failures
from models_app.transforms.fits import request_fit
from models_app.transforms.models import Fit, Transform
from models_app.transforms.waiting import transform_of
from scoring.models import Release
from tenants.scope import tenant_scope


def fitted_anew(work: RefreshWork, refresh: Refresh, live: Release, transform: int, routes: Sequence[str]) -> int:
    """A new transform's id for a live one, of the events of these routes. Raises CannotBeDone, Stopped."""
    with tenant_scope(work.tenant_id), refusals_as_failures():
        old = Transform.objects.select_related("predictor", "reference").get(pk=transform)
        fit = _fit_of(work, refresh, old, _source(refresh, live, routes))
    return transform_of(work, fit)


def _source(refresh: Refresh, live: Release, routes: Sequence[str]) -> dict[str, Any]:
    policy = refresh.policy
    source: dict[str, Any] = {"kind": "recorded", "days": policy.window_days, "as_of": refresh.due.isoformat()}
    source |= {"routes": list(routes), "release": live.number} if routes else {}
    return source if policy.half_life_days is None else source | {"half_life_days": policy.half_life_days}


def _fit_of(work: RefreshWork, refresh: Refresh, old: Transform, source: dict[str, Any]) -> Fit:
    """That of a former attempt, unless it failed, or a new one."""
    work.locked()
    of = {"intent": refresh.policy.intent, "predictor": old.predictor, "reference": old.reference}
    asked = (
        Fit.objects.filter(refresh=refresh, **of)
        .filter(state__in=[*Fit.ACTIVE, Fit.State.SUCCEEDED])
        .select_related("intent")
        .order_by("-id")
    )
    same = [each for each in asked if each.source.get("routes", []) == source.get("routes", [])]
    if same:
        return same[0]
    fit = request_fit(
        actor=refresh.policy.set_by,
        tenant=refresh.tenant,
        intent=refresh.policy.intent,
        predictor=old.predictor,
        reference=old.reference,
        source=source,
    )
    fit.refresh = refresh
    fit.save(update_fields=["refresh"])
    return fit
