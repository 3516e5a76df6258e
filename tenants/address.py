"""Where a request came from."""

from contextlib import suppress
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str | None:
    """The address of who sent the request, seen through our own proxies (MUSE_PROXIES); None where it is not known.

    Each proxy adds to X-Forwarded-For whom it was called by, so the last entries are our proxies' words, and those
    before them anybody's. Fewer entries than proxies: the request came around them.
    """
    hops = request.headers.get("X-Forwarded-For", "").split(",")
    is_proxied = settings.PROXIES and len(hops) >= settings.PROXIES
    return _valid(hops[-settings.PROXIES]) if is_proxied else _valid(request.META.get("REMOTE_ADDR", ""))


def _valid(address: str) -> str | None:
    with suppress(ValueError):
        return str(ip_address(address.strip()))
    return None
