"""What the console's templates need beside Django's own."""

import re
from datetime import UTC, datetime
from typing import Any

from django import template

register = template.Library()

_PARTED = re.compile(r"(?<=\d) %")


@register.filter
def moment(at: datetime) -> str:
    """RFC 3339 in UTC, which the browser shows in the viewer's zone."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


@register.filter
def unparted(text: Any) -> Any:
    """With each number and its % in one line: text as people wrote or read it elsewhere has a plain space there."""
    return _PARTED.sub("\N{NO-BREAK SPACE}%", text) if isinstance(text, str) else text
