"""Which addresses webhooks may call: the public internet, and the operator's own networks only where a setting says so.

A name is resolved when it is called, and the call goes to the address that was looked at: a name that points
elsewhere a moment later gains nothing.
"""

import ipaddress
import socket

import httpx
from django.conf import settings

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_IN_V6 = ipaddress.ip_network("64:ff9b::/96")  # IPv4 behind a translator, in its last four bytes


class Refused(Exception):
    """This may not be called; the message says why."""


def check_url(text: str) -> httpx.URL:
    """The URL, once it is sure that its form is right. Raises Refused."""
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL as error:
        raise Refused(f"expected a URL: {error}") from None
    if url.scheme not in ("http", "https") or not url.host:
        raise Refused("expected a URL that begins with https:// or http:// and names a host")
    if url.userinfo or url.fragment:
        raise Refused("expected a URL without a name, a password or a fragment")
    literal = _literal(url.host)
    if literal is not None:
        _check(literal)
    return url


def resolve(url: httpx.URL) -> str:
    """The address to connect to. Raises Refused where one of the host's addresses may not be called."""
    port = url.port or (443 if url.scheme == "https" else 80)
    try:
        found = socket.getaddrinfo(url.host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Refused(f"the name {url.host} is not known: {error}") from None
    addresses = [str(each[4][0]) for each in found]
    for each in addresses:
        _check(ipaddress.ip_address(each.partition("%")[0]))
    return addresses[0]


def _check(address: Address) -> None:
    if not settings.ENV["MUSE_WEBHOOK_PRIVATE"] and not is_public(address):
        raise Refused(f"{address} is not on the public internet; MUSE_WEBHOOK_PRIVATE=1 allows such addresses")


def is_public(address: Address) -> bool:
    """Whether it, and the address that it may stand for, is anybody's to call."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if address in _IN_V6:
            inner = ipaddress.IPv4Address(address.packed[-4:])
        if inner is not None:
            return is_public(inner)
    return address.is_global and not address.is_multicast


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
