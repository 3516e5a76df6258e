"""What an incident says, in words: what has happened, by what it is seen, and what to do next."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from models_app.incidents.models import Incident
from models_app.statistics.in_words import number, percent
from models_app.statistics.monitors.look import LABEL_FEED

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


def next_step(incident: Incident) -> str:
    """What to do about it; empty once it is closed, for then nothing is."""
    if incident.closed_at is not None:
        return ""
    if incident.subject == LABEL_FEED:
        return "Have the label feed repaired: until then nothing new is known of precision, and evidence has no labels."
    return NEXT[incident.kind]


def of_signal(signal: Mapping[str, Any]) -> str:
    """One thing that stands out, as a sentence without its point."""
    since = f"since {datetime.fromtimestamp(signal['since'] * 3600, UTC):%Y-%m-%d %H:00} UTC"
    times, share = number(signal["ratio"], 2), percent(signal["ratio"], 2)
    match signal["of"]:
        case "alert rate":
            return f"The alert rate at “{signal['name']}” is about {times} times its target {since}"
        case "risk":
            return f"Very risky events have come beside the others {since}, about {share} of all"
        case "copies":
            return f"Alerts come that are nearly the same as known fraud {since}, about {share} of all beside the usual"
        case "beyond":
            return (
                "Events that are riskier than all that the transform was fitted on come "
                f"about {times} times as often as due {since}"
            )
        case "labels" if signal["how"] == "silent":
            return f"The label feed is silent {since}, {times} times as long as it ever was in four weeks"
        case "labels":
            return f"The label feed brings {times} times as many labels as on the same weekdays {since}"
        case "volume":
            return f"{times} times as many events come as in the same hours of the weeks before {since}"
        case of:
            of_events = f"for {share} of the events" if signal["ratio"] < 0.995 else "for all events"
            name = f"{'Feature' if of == 'feature' else 'Context attribute'} “{signal['name']}”:"
            return f"{name} {_HOW[signal['how']]} {of_events} {since}"


def among_all(incident: Incident) -> str:
    """Whether it stands once all intents are judged together."""
    if incident.state not in Incident.GOING_ON:
        return "–"
    return "stands" if incident.stands else "not confirmed"


def of_distance(measured: Mapping[str, Any] | None, of: str) -> str:
    """How far events lie from what is expected, beside what chance makes it."""
    found = (measured or {}).get(of)
    return "–" if found is None else f"{found['apart']:.2g} ({found['by_chance']:.2g} by chance)"


def of_beyond(measured: Mapping[str, Any] | None) -> str:
    """How many events lay beyond the fit of the live transform."""
    return "–" if measured is None else f"{measured['beyond']:,} ({measured['due']:.2g} due)"


def of_labels(labels: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
    """What is known of an intent's labels, by what it is of."""
    matured = labels.get("matured") or {}
    delay = matured.get("delay")
    found = [("Latest label", f"{datetime.fromisoformat(labels['last']):%Y-%m-%d %H:%M} UTC")]
    if delay is not None:
        found.append(("Delay", f"half within {delay['half']:.2g} days, nine in ten within {delay['most']:.2g}"))
    precision = matured.get("precision", {})
    return [*found, *((f"Precision at “{name}”", of_share(each)) for name, each in precision.items())]


def of_share(share: Mapping[str, Any]) -> str:
    """How many of the events are positive, with the interval of 95 %."""
    rate = share["positive"] / share["events"]
    between = f"{percent(share['low'])} to {percent(share['high'])}"
    return f"{percent(rate)} ({between}), {share['positive']:,} of {share['events']:,}"


def by_chance(a_year: float) -> str:
    """How often as much comes about while nothing is wrong."""
    if a_year < 1e-4:
        return "less than once in 10,000 years"
    if (years := round(1 / a_year)) > 1:
        return f"once in {years:,} years"
    return "once a year" if a_year < 1.05 else f"{number(a_year, 2)} times a year"
