"""Networks that a key may be used from: in words, and whether an address is in one of them."""

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
MOST = 50  # networks of one key
LONGEST = 43  # characters: an IPv6 network in full

EXPECTED = "a network as 192.0.2.0/24 or 2001:db8::/32, or an address"


def network(text: str) -> Network:
    """The network that this is; an address is a network of its own. Raises ValueError saying what was expected."""
    try:
        return ip_network(text.strip())
    except ValueError:
        raise ValueError(f"expected {EXPECTED}, found {text.strip()[:80]!r}{_without_host_bits(text)}") from None


def address(text: str) -> Address:
    """The address that this is; of an IPv4 address that is written as one of IPv6, the IPv4 address.

    Raises ValueError for any other text.
    """
    found = ip_address(text.strip())
    return (isinstance(found, IPv6Address) and found.ipv4_mapped) or found


def holds(networks: Iterable[str], where: str | None) -> bool:
    """Whether the address is in one of these networks; no address is in none."""
    return where is not None and _holds(tuple(networks), where)


@lru_cache(maxsize=4096)
def _holds(networks: tuple[str, ...], where: str) -> bool:
    found = address(where)
    return any(found.version == each.version and found in each for each in map(ip_network, networks))


def refusal(where: str | None) -> str:
    """What is said to who uses a key from outside of its networks; which those are, is not said."""
    return f"This key may not be used from {where or 'an unknown address'}. Ask an admin to add your network to it."


def _without_host_bits(text: str) -> str:
    """What was meant, perhaps: 192.0.2.7/24 is an address and a network at once."""
    try:
        return f"; did you mean {ip_network(text.strip(), strict=False)}?"
    except ValueError:
        return ""
