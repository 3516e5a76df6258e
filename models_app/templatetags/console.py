"""What the console's templates need beside Django's own."""

from datetime import UTC, datetime

from django import template

register = template.Library()


@register.filter
def moment(at: datetime) -> str:
    """RFC 3339 in UTC, which the browser shows in the viewer's zone."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
