"""Evidence as it is stored: its canonical JSON text, written here and read here, however old it is.

Whoever needs what evidence found takes it from here as values; what former versions wrote otherwise is mended here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from models_app.statistics.evidence.findings import IntentEvidence
from models_app.statistics.evidence.gates import FAIL, PASS, Reason
from models_app.statistics.evidence.verdict import Verdict, verdict_of

Plain = dict[str, Any]  # of JSON

_FORETOLD_NOTHING: Plain = {"events": 0, "low": 0.0, "high": 1.0, "weeks": []}


@dataclass(frozen=True)
class Found:
    """What evidence found, intent by intent, and what it comes to."""

    intents: list[IntentEvidence]
    verdict: Verdict

    def intent(self, name: str) -> IntentEvidence:
        return next(each for each in self.intents if each.intent == name)


def text_of(found: Sequence[IntentEvidence], verdict: Verdict) -> str:
    """Canonical JSON: what evidence's digest is of."""
    return msgspec.json.encode({"intents": found, "verdict": plain(verdict)}, order="sorted").decode()


def plain(verdict: Verdict) -> Plain:
    """The verdict as JSON, its sentence beside it."""
    return {**msgspec.to_builtins(verdict), "sentence": verdict.sentence}


def read(text: str) -> Found:
    """What `text_of` has written, or a former version. Raises msgspec.ValidationError for what is no evidence."""
    stored = msgspec.json.decode(text)
    if isinstance(stored, list):  # as it was before there was a verdict in it
        stored = {"intents": stored}
    intents = [_intent(each) for each in stored.get("intents", [])]
    return Found(intents, read_verdict(stored.get("verdict")) or verdict_of(intents))


def read_verdict(stored: object) -> Verdict | None:
    """What `plain` has made; None of a former version's, which was a sentence alone."""
    if not isinstance(stored, Mapping) or "reason" not in stored:
        return None
    return msgspec.convert(stored, Verdict)


def _intent(stored: Plain) -> IntentEvidence:
    for each in stored["thresholds"]:
        each["forecast"] = each["forecast"] or _FORETOLD_NOTHING
        each["forecast"].setdefault("design_effect", each["forecast"].pop("dispersion", 1.0))
        each["gate"].setdefault("reason", _reason(each))
    total = stored.get("total") or stored["n"] + stored.get("left_out", 0)  # before there were samples, all of them
    return msgspec.convert({**stored, "total": total}, IntentEvidence)


def _reason(threshold: Plain) -> Reason:
    """Of a gate that was stored without."""
    state, change = threshold["gate"]["state"], threshold["change"]
    if state in (PASS, FAIL):
        return Reason.WITHIN if state == PASS else Reason.BEYOND
    if change is None:
        return Reason.TOO_FEW if threshold["target"] else Reason.NO_TARGET
    return Reason.NO_ALERT if change["low"] is None else Reason.TOO_FEW
