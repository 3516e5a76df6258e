"""What several views of the control plane share."""

from rest_framework.request import Request

from tenants.api.bodies import take
from tenants.refusals import TooLarge


def check_length(request: Request, limit: int) -> None:
    """Refuse a body that is too large: before it is read where it says so itself, else while it is."""
    take(request._request, limit)
    length = str(request.META.get("CONTENT_LENGTH") or "0")
    if length.isascii() and length.isdigit() and int(length) > limit:
        raise TooLarge(f"the body has {int(length):,} bytes, allowed are {limit:,}")
