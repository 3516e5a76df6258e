"""Where a request came from."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from tenants import networks


def client_address(request: HttpRequest) -> str | None:
    """The address of who sent the request to the console, seen through our own proxies; None where it is not known."""
    return address_in(request.META, settings.PROXIES)


def address_in(environ: Mapping[str, Any], proxies: int) -> str | None:
    """The address of who sent the request with this WSGI environment, seen through so many proxies of our own.

    Each proxy adds to X-Forwarded-For whom it was called by, so the last entries are our proxies' words, and those
    before them anybody's. Fewer entries than proxies, or a caller that is none of our proxies (MUSE_PROXY_NETWORKS):
    the request came around them.
    """
    caller = _valid(environ.get("REMOTE_ADDR", ""))
    if not proxies or not _is_a_proxy(caller):
        return caller
    hops = str(environ.get("HTTP_X_FORWARDED_FOR", "")).split(",")
    return _valid(hops[-proxies]) if len(hops) >= proxies else caller


def _is_a_proxy(caller: str | None) -> bool:
    trusted: list[str] = settings.ENV["MUSE_PROXY_NETWORKS"]
    return not trusted or networks.holds(trusted, caller)


def _valid(address: str) -> str | None:
    with suppress(ValueError):
        return str(networks.address(address))
    return None
