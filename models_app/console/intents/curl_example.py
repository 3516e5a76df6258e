"""A line that scores one event, for a client's engineer to paste."""

import json
import math
import re
import shlex
from collections.abc import Mapping
from typing import Any

import msgspec
from django.conf import settings

from scoring.engine import document
from tenants.models import Intent

_EXAMPLES: Mapping[str, Any] = {"number": 1.5, "integer": 1, "boolean": True, "string": "a", "category": "a"}

_HOST_PORT = re.compile(r":\d+$")  # an address of IPv6 has colons of its own, in brackets


def call(host: str, intent: Intent, key: str = "YOUR_KEY", served: document.Intent | None = None) -> str:
    """The address is the scoring service's: by setting, else on the host that the console was reached at.

    `served`: what the live release has of it, which may be other than what it is now.
    """
    features, attributes = intent.features, intent.context
    if served is not None:
        features, attributes = msgspec.to_builtins(served.features), msgspec.to_builtins(served.context)
    body: dict[str, Any] = {"intent": intent.name, "features": {each["name"]: _example(each) for each in features}}
    if context := {each["name"]: _example(each) for each in attributes if each.get("required")}:
        body["context"] = context
    here = f"http://{_HOST_PORT.sub('', host)}:{settings.ENV['MUSE_SCORING_PORT']}"
    scoring = (settings.ENV["MUSE_SCORING_URL"] or here).rstrip("/")
    return (
        f"curl {scoring}/api/v1/score -H 'Authorization: Bearer {key}' \\\n"
        f"  -H 'Content-Type: application/json' -d {shlex.quote(json.dumps(body, ensure_ascii=False))}"
    )


def _example(part: Mapping[str, Any]) -> Any:
    """A value that the schema accepts."""
    if known := part.get("categories") or part.get("values"):
        return known[0]
    kind = part.get("type", "number")
    low, high = part.get("minimum"), part.get("maximum")
    if kind not in ("number", "integer") or (low is None and high is None):
        return _EXAMPLES[kind]
    if kind == "integer":
        return math.ceil(low) if low is not None else math.floor(high or 0)
    return low if low is not None else high
