"""A simulated attack on one tenant of the demonstration, for the picture of a change request where risk rose."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np

from muse_site.demo.profiles import INTENT, PROFILES
from muse_site.demo.shared import OLD, reference
from muse_site.demo.simulator import Simulator
from muse_site.driving.client import Console, GaveUp, Json, Scoring, path_of, wait

TENANT = "tram-wallet"
_DAYS, _A_DAY = 7, 80
_TITLE = "Refit on a week with a simulated attack"
_REASON = "Alerts have left their target: payments with stolen cards were simulated on each of these days."
_GATE_REASON = "To show what a refit makes of an attack."


def attacked(admin: Console, author: Console, scoring: str) -> str:
    """Have the attack scored, and its refit in review; the change request's path. Raises GaveUp where no risk rose."""
    _score(admin, scoring)
    live = {"predictor": f"{OLD}@1", "transform": _refit(author, reference(admin))}
    routes = {INTENT: [{"name": "all payments", "live": live}]}
    change = author.propose_change(TENANT, _TITLE, _REASON, routes)
    evidence = author.wait_for_evidence(change)
    if not evidence["risk_rose"]:
        raise GaveUp(f"risk did not rise in {path_of(change)}: {evidence['sentence']}")
    return path_of(author.submit_change(change, _GATE_REASON))


def _refit(author: Console, reference: str) -> int:
    fit = author.fit(TENANT, INTENT, f"{OLD}@1", reference, {"kind": "recorded", "days": _DAYS})
    return int(author.wait_for_fit(TENANT, fit)["transform"])


def _score(admin: Console, address: str) -> None:
    key = admin.post(f"tenants/{TENANT}/keys", {"name": "simulated attack", "scopes": ["score"]})
    payments = _payments()
    with Scoring(address, str(key["key"])) as scoring:
        scoring.score_batch(INTENT, payments)
    last = f"tenants/{TENANT}/events/{payments[-1]['event_id']}"  # other traffic goes on all the while
    wait(lambda: admin.find(last), "the attack to be kept", 120.0)


def _payments() -> list[Json]:
    """Stolen cards alone, which the old model knows: those of long before the simulator's first day."""
    now, rng = datetime.now(UTC), np.random.default_rng(7)
    profile = next(each for each in PROFILES if each.slug == TENANT)
    simulator = Simulator(replace(profile, fraud_share=2.0), (now + timedelta(days=60)).date())
    found: list[Json] = []
    for back in range(1, _DAYS + 1):
        midnight = (now - timedelta(days=back)).replace(hour=0, minute=0, second=0, microsecond=0)
        moments = int(midnight.timestamp() * 1e6) + np.sort(rng.integers(0, 86_400_000_000, _A_DAY))
        found += simulator.at(moments, rng).events()
    return found
