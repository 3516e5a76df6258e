"""What the people of the demonstration propose for a tenant, in their words."""

from muse_site.demo.profiles import INTENT, Profile
from muse_site.driving.client import Json
from muse_site.driving.two_people import Proposal

NEW_MODEL = "Promote cards-new to live"
NEW_MODEL_EARLIER = "Let the new model answer"  # as demonstrations of earlier versions have it


def cold_start(profile: Profile, live: Json, shadow: Json) -> Proposal:
    """The first release: before any payment."""
    return Proposal(
        tenant=profile.slug,
        title="Promote cards-old to live",
        reason="Cold start: transforms made of the models' validation scores; the new model is a shadow.",
        gate_reason="No payment has been scored yet, so there is nothing that a gate could go by.",
        routes=_routes(live, shadow),
    )


def fitted(profile: Profile, live: Json, shadow: Json, as_of: str, days: int) -> Proposal:
    """The second release; evidence is of the payments that its transforms are fitted on."""
    return Proposal(
        tenant=profile.slug,
        title="Use transforms fitted on the tenant's own payments",
        reason=f"Transforms fitted on {days} days of the tenant's own payments.",
        gate_reason="Alerts on the default transforms are not where they were promised; they move once, to get there.",
        routes=_routes(live, shadow),
        window={"as_of": as_of, "days": days},
    )


def new_model(profile: Profile, live: Json, shadow: Json) -> Proposal:
    """What the story leaves for its reader to decide."""
    return Proposal(profile.slug, NEW_MODEL, profile.reason, profile.gate_reason, _routes(live, shadow))


def _routes(live: Json, shadow: Json) -> Json:
    return {INTENT: [{"name": "all payments", "live": live, "shadows": [shadow]}]}
