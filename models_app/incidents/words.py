"""What an incident says, in words: what has happened, by what it is seen, and what to do next."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from models_app.incidents.models import Incident

Kind = Incident.Kind
HAPPENED: Mapping[str, str] = {
    Kind.SCALE: "Scores shifted",
    Kind.RISK: "Possible attack",
    Kind.DATA_FAULT: "Data fault",
    Kind.CLIENT_CHANGED: "Client traffic changed",
}
NEXT: Mapping[str, str] = {
    Kind.SCALE: "Fit the transform anew on recent events, and propose it.",
    Kind.RISK: "Leave the transform as it is, so that alerts rise with the risk, and tell those who work on alerts.",
    Kind.DATA_FAULT: "Leave the transform as it is, and have the feature repaired where it comes from.",
    Kind.CLIENT_CHANGED: "Ask the client. If it is to stay, a route of its own with its own transform may be due.",
}
_HOW = {
    "nulls": "values are missing",
    "new values": "values are new",
    "constant": "values are all the same",
    "another unit": "values seem to be in another unit",
    "otherwise spread": "values are otherwise spread",
}


def of_signal(signal: Mapping[str, Any]) -> str:
    """One thing that stands out, as a sentence without its point."""
    since = f"since {datetime.fromtimestamp(signal['since'] * 3600, UTC):%Y-%m-%d %H:00} UTC"
    match signal["of"]:
        case "alert rate":
            return f"The alert rate at “{signal['name']}” is about {signal['ratio']:.3g} times its target {since}"
        case "risk":
            share = f"{100 * signal['ratio']:.2g} %"
            return f"Very risky events have come beside the others {since}, about {share} of all"
        case "volume":
            return f"{signal['ratio']:.2g} times as many events come as in the same hours of the weeks before {since}"
        case of:
            of_events = f"for {signal['ratio']:.0%} of the events" if signal["ratio"] < 0.995 else "for all events"
            name = f"{'Feature' if of == 'feature' else 'Context attribute'} “{signal['name']}”:"
            return f"{name} {_HOW[signal['how']]} {of_events} {since}"


def by_chance(a_year: float) -> str:
    """How often as much comes about while nothing is wrong."""
    if a_year < 1e-4:
        return "less than once in 10,000 years"
    return f"once in {1 / a_year:,.0f} years" if a_year < 0.7 else f"{a_year:.2g} times a year"
