"""Which addresses webhooks may call: the public internet, and the operator's own networks only where a setting says so.

A name is resolved when it is called, and the call goes to the address that was looked at: a name that points
elsewhere a moment later gains nothing. What is public is said here, by the registries of IANA, and not taken from
`ipaddress`, whose tables differ from one patch release of Python to the next.
"""

import ipaddress
import re
import socket

import httpx
from django.conf import settings

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_NOT_PUBLIC_V4 = [
    ipaddress.IPv4Network(each)
    for each in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
        "192.0.0.0/24",  # protocols' own; a cloud's metadata is at 192.0.0.192
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4",
        # In ranges that look public, but each cloud's own within it:
        "168.63.129.16/32", "161.26.0.0/16", "166.8.0.0/14",
    )
]  # fmt: skip
_PUBLIC_V6 = ipaddress.IPv6Network("2000::/3")  # all that is given out; the rest is this machine's, a link's, a site's
_NOT_PUBLIC_V6 = [ipaddress.IPv6Network(each) for each in ("2001::/23", "2001:db8::/32", "3fff::/20")]
_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")  # IPv4 behind a translator, in its last four bytes
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?", re.ASCII | re.IGNORECASE)
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.ASCII | re.IGNORECASE)


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
    if url.port is not None and not 0 < url.port < 65_536:
        raise Refused(f"expected a port from 1 to 65,535, found {url.port}")
    literal = _literal(host_of(url))
    if literal is not None:
        _check(literal)
    elif not _is_name(host_of(url)):
        raise Refused(f"expected the name of a host, such as hooks.example.com, or its address, found {url.host[:300]}")
    return url


def host_of(url: httpx.URL) -> str:
    """The host as names are looked up: other letters than those of ASCII in their xn-- form."""
    return url.raw_host.decode("ascii")


def _is_name(host: str) -> bool:
    """What the domain name system can hold. A last part that is a number makes it an address, in a form of its own."""
    labels = host.removesuffix(".").split(".")
    return len(host) <= 254 and all(map(_LABEL.fullmatch, labels)) and not _NUMBER.fullmatch(labels[-1])


def resolve(url: httpx.URL) -> str:
    """The address to connect to. Raises Refused where one of the host's addresses may not be called."""
    port = url.port or (443 if url.scheme == "https" else 80)
    try:
        found = socket.getaddrinfo(host_of(url), port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError, OverflowError):
        raise Refused(f"the host {url.host} was not found") from None
    addresses = [str(each[4][0]) for each in found]
    for each in addresses:
        _check(ipaddress.ip_address(each.partition("%")[0]))
    return addresses[0]


def _check(address: Address) -> None:
    if not settings.ENV["MUSE_WEBHOOK_PRIVATE"] and not is_public(address):
        raise Refused(f"{address} is not on the public internet; MUSE_WEBHOOK_PRIVATE=1 allows such addresses")


def is_public(address: Address) -> bool:
    """Whether the address, and any IPv4 address embedded in it, is on the public internet."""
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in each for each in _NOT_PUBLIC_V4)
    inner = ipaddress.IPv4Address(address.packed[-4:]) if address in _TRANSLATED else address.ipv4_mapped
    if inner is None:
        inner = address.sixtofour
    if inner is not None:
        return is_public(inner)
    return address in _PUBLIC_V6 and not any(address in each for each in _NOT_PUBLIC_V6)


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
