"""How the text of a setting becomes its value. Each raises ValueError that says what it expected."""

from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import parseaddr
from ipaddress import ip_network
from pathlib import Path
from typing import TypeVar
from urllib.parse import unquote, urlsplit

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

Number = TypeVar("Number", int, float)


def text(value: str) -> str:
    return value


def path(value: str) -> Path:
    return Path(value).expanduser().resolve()


def flag(value: str) -> bool:
    if value.lower() in ("1", "true", "yes", "on"):
        return True
    if value.lower() in ("", "0", "false", "no", "off"):
        return False
    raise ValueError("1 or 0")


def words(value: str) -> list[str]:
    return [word.strip() for word in value.split(",") if word.strip()]


def networks(value: str) -> list[str]:
    """Networks, as 192.0.2.0/24; an address is a network of its own."""
    try:
        return [str(ip_network(word)) for word in words(value)]
    except ValueError:
        raise ValueError("networks as 192.0.2.0/24 or 2001:db8::/32, with commas between them") from None


def choice(*values: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if value not in values:
            raise ValueError(" or ".join(values))
        return value

    return parse


def whole(minimum: int, maximum: int) -> Callable[[str], int]:
    expected = f"a whole number from {minimum} to {maximum}"
    return lambda value: _between(minimum, maximum, expected, int, value.replace("_", ""))


def rate(minimum: float, maximum: float) -> Callable[[str], float]:
    expected = f"a number from {minimum:g} to {maximum:g}"
    return lambda value: _between(minimum, maximum, expected, float, value)


def seconds(minimum: float, maximum: float) -> Callable[[str], float]:
    expected = f"seconds, from {minimum:g} to {maximum:g}"
    return lambda value: _between(minimum, maximum, expected, float, value)


def _between(minimum: Number, maximum: Number, expected: str, read: Callable[[str], Number], value: str) -> Number:
    try:
        number = read(value)
    except ValueError:
        raise ValueError(expected) from None
    if not minimum <= number <= maximum:
        raise ValueError(expected)
    return number


def url(*schemes: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if value and value.split(":", 1)[0] not in schemes:
            raise ValueError(f"a URL that starts with {' or '.join(scheme + ':' for scheme in schemes)}")
        return value

    return parse


def database(value: str) -> str:
    """Where Postgres is. What libpq cannot read is refused here: its own words repeat parts of it, password and all."""
    found = url("postgresql", "postgres")(value)
    try:
        conninfo_to_dict(found)
    except ProgrammingError:
        raise ValueError(
            "a URL that libpq can read, where % stands before two digits, as %25 does for itself"
        ) from None
    return found


def valkey(value: str) -> str:
    """Where Valkey is. In a password #, / and ? would end the host's name, and the rest be taken for a port."""
    found = url("redis", "rediss", "unix")(value)
    try:
        urlsplit(found).port  # noqa: B018 — raises where it is none
    except ValueError:
        raise ValueError(
            "a URL whose port is a number; #, / and ? of a password are written %23, %2F and %3F"
        ) from None
    return found


def issuer(value: str) -> str:
    """Who vouches for people: plain HTTP only of this machine. It ends without a slash, as it is compared."""
    parts = urlsplit(value)
    is_here = parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1", "::1")
    is_whole = parts.hostname and not parts.query and not parts.fragment and len(value) <= 200
    if value and not (is_whole and (is_here or parts.scheme == "https")):
        raise ValueError("a URL that starts with https: and has neither a query nor a fragment")
    return value.rstrip("/")


def place(value: str) -> str:
    """A folder, or a place in an object store: a scheme, and mostly a bucket and a path."""
    if "://" not in value:
        return value
    parts = urlsplit(value)
    if parts.scheme == "s3" and (not parts.hostname or parts.query or parts.username or parts.port):
        raise ValueError("a folder or s3://bucket/path")
    return value


@dataclass(frozen=True)
class MailServer:
    """Where e-mails are handed in. `security`: none, starttls, or tls from the first byte on."""

    host: str
    port: int
    security: str
    user: str = ""
    password: str = field(default="", repr=False)


_MAIL_SCHEMES = {"smtp": ("none", 25), "smtp+starttls": ("starttls", 587), "smtps": ("tls", 465)}


def mail_server(value: str) -> MailServer | None:
    """None where there is no text: no e-mail is sent."""
    if not value:
        return None
    expected = "smtp://, smtp+starttls:// or smtps:// with user:password@ where needed, a host and perhaps a port"
    try:
        parts = urlsplit(value)
        security, usual = _MAIL_SCHEMES[parts.scheme]
        port = parts.port or usual
    except (KeyError, ValueError):
        raise ValueError(expected) from None
    if not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError(expected)
    return MailServer(parts.hostname, port, security, unquote(parts.username or ""), unquote(parts.password or ""))


def sender(value: str) -> str:
    """An address, as it stands in a From line."""
    at = parseaddr(value)[1]
    if "@" not in at.strip("@") or any(each in value for each in "\r\n"):
        raise ValueError("an e-mail address, perhaps with a name: MUSE <muse@example.com>")
    return value
