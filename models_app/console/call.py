"""A line that scores one event, for a client's engineer to paste."""

import json
import shlex
from collections.abc import Mapping
from typing import Any

from django.conf import settings

from tenants.models import Intent

_EXAMPLES: Mapping[str, Any] = {"number": 1.5, "integer": 1, "boolean": True, "string": "a"}


def call(host: str, intent: Intent, key: str = "YOUR_KEY") -> str:
    """The address is the scoring service's, on the host that the console was reached at."""
    body: dict[str, Any] = {
        "intent": intent.name,
        "features": {each["name"]: _example(each) for each in intent.features},
    }
    if context := {each["name"]: _example(each) for each in intent.context if each.get("required")}:
        body["context"] = context
    scoring = f"http://{host.split(':')[0]}:{settings.ENV['MUSE_SCORING_PORT']}"
    return (
        f"curl {scoring}/api/v1/score -H 'Authorization: Bearer {key}' \\\n"
        f"  -H 'Content-Type: application/json' -d {shlex.quote(json.dumps(body, ensure_ascii=False))}"
    )


def _example(part: Mapping[str, Any]) -> Any:
    """A value that the schema accepts."""
    if known := part.get("categories") or part.get("values"):
        return known[0]
    kind = part.get("type", "number")
    limits = [part[name] for name in ("minimum", "maximum") if part.get(name) is not None]
    if not limits or kind not in ("number", "integer"):
        return _EXAMPLES[kind]
    return int(limits[0]) if kind == "integer" else limits[0]
