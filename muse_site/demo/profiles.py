"""The tenants of the demonstration, and what their payments look like to the product."""

from dataclasses import dataclass
from typing import Any, Literal

INTENT = "card-payments"
CHANNELS = ("web", "app", "terminal")
MERCHANTS = ("groceries", "fuel", "travel", "electronics", "gaming", "other")

FEATURES: list[dict[str, Any]] = [
    {"name": "amount", "type": "number", "minimum": 0},
    {"name": "amount_to_usual", "type": "number", "minimum": 0},
    {"name": "hour", "type": "integer", "minimum": 0, "maximum": 23},
    {"name": "payments_last_hour", "type": "integer", "minimum": 0},
    {"name": "payments_last_day", "type": "integer", "minimum": 0},
    {"name": "hours_since_last", "type": "number", "minimum": 0, "nullable": True},
    {"name": "account_age_days", "type": "integer", "minimum": 0},
    {"name": "card_present", "type": "boolean"},
    {"name": "foreign", "type": "boolean"},
    {"name": "merchant", "type": "category", "categories": list(MERCHANTS)},
]
CONTEXT = [{"name": "channel", "type": "string", "values": list(CHANNELS)}]

# Of a hundred payments, five are looked at and one is declined: the promise that outlives every model.
REFERENCE_POINTS = [
    {"score": 0.50, "alert_rate": 0.10},
    {"score": 0.70, "alert_rate": 0.05},
    {"score": 0.90, "alert_rate": 0.01},
    {"score": 0.95, "alert_rate": 0.005},
]
THRESHOLDS = [
    {"name": "review", "score": 0.70, "action": "review"},
    {"name": "decline", "score": 0.90, "action": "decline"},
]


@dataclass(frozen=True)
class Profile:
    """One tenant's business, and what is proposed for it in the end.

    `payments_a_day` on an average weekday at the start; `fraud_share` of all payments; `typical_amount` the median;
    `channels` the mix of CHANNELS; `weekend` how busy Saturday and Sunday are against a weekday. `tested_on_web`: cards
    are tested there alone, so that to find them moves alerts between channels; else wherever payments are made. Alert
    rates may move by `tolerances`, at review and at decline. `segment_features` as the intent has them: the new model
    finds tested cards, so that alerts move to small amounts and to other merchants; who wants that names none. It is
    proposed with a transform of the kind `transform`, judged by the last `evidence_days`, with `reason`, and with
    `gate_reason` where it does not pass.
    """

    slug: str
    name: str
    payments_a_day: int
    fraud_share: float
    typical_amount: float
    channels: tuple[float, float, float]
    weekend: float
    tested_on_web: bool = False
    tolerances: tuple[float, float] = (0.10, 0.25)
    evidence_days: int = 14
    transform: Literal["default", "custom"] = "custom"
    reason: str = ""
    gate_reason: str = ""
    segment_features: tuple[str, ...] | None = ()

    @property
    def policy(self) -> dict[str, Any]:
        """The review policy, as it is sent."""
        review, decline = self.tolerances
        own = {"tolerance": review, "tolerances": {f"{INTENT}/decline": decline}}
        return {**own, "evidence_days": self.evidence_days}


# Their change requests pass, fail and tell too little, in this order: many payments on a transform of their own, one
# that none of the tenant's payments went into, and a single week of few payments. Fraud comes in waves, so that weeks
# differ: the bank tolerates that, and passes on whatever day this is begun; the wallet does not.
PROFILES = (
    Profile(
        "harbour-bank", "Harbour Bank", 2_600, 0.008, 38.0, (0.30, 0.25, 0.45), 0.95, False, (0.20, 0.30), 42, "custom",
        "It finds more fraud at the same number of alerts. Its transform is fitted on the bank's own payments.",
        "It was expected to pass; judge it by its evidence.",
    ),
    Profile(
        "parcel-market", "Parcel Market", 2_050, 0.012, 55.0, (0.70, 0.30, 0.00), 1.20, True, (0.10, 0.25), 28,
        "default",
        "It finds more fraud. Its transform is that of the cold start, made of validation scores.",
        "To be judged: is a transform good enough that none of the market's own payments went into?",
        None,
    ),
    Profile(
        "tram-wallet", "Tram Wallet", 700, 0.005, 12.0, (0.05, 0.75, 0.20), 0.90, False, (0.10, 0.10), 7, "custom",
        "It finds more fraud at the same number of alerts. Its transform is fitted on the wallet's own payments.",
        "A week of a small tenant has few alerts; as far as they tell, their rate stays near what is live.",
    ),
)  # fmt: skip
