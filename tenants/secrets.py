"""Keys and tokens as text: `muse_<prefix>_<secret>` for clients' keys, `musep_<prefix>_<secret>` for people's tokens.

The prefix finds the row; of the secret only its SHA-256 is kept. A secret is 256 random bits, which nobody can
guess from a hash, so a slow password hash would protect nothing and cost each request its time.
"""

import hashlib
import hmac
import secrets
import string
from typing import NamedTuple

KEY, TOKEN = "muse", "musep"

_ALPHABET = string.ascii_letters + string.digits
_PREFIX_LENGTH = 12
_SECRET_LENGTH = 43  # log2(62 ** 43) = 256 bits


class Credential(NamedTuple):
    """A new key or token. `text` is for its owner, who sees it once; the rest is stored."""

    text: str
    prefix: str
    secret_hash: str


class Parts(NamedTuple):
    kind: str
    prefix: str
    secret: str


def make(kind: str) -> Credential:
    """A new key (`kind` KEY) or token (TOKEN)."""
    prefix, secret = _random(_PREFIX_LENGTH), _random(_SECRET_LENGTH)
    return Credential(f"{kind}_{prefix}_{secret}", prefix, hashed(secret))


def split(text: str) -> Parts | None:
    """The parts of a key or token; None where the text is neither."""
    parts = text.split("_")
    if len(parts) != 3 or parts[0] not in (KEY, TOKEN) or not all(part.isascii() and part.isalnum() for part in parts):
        return None
    return Parts(*parts)


def hashed(secret: str) -> str:
    """What is stored of a secret: its SHA-256 in hexadecimal."""
    return hashlib.sha256(secret.encode()).hexdigest()


def matches(secret: str, secret_hash: str) -> bool:
    """Whether this is the secret that was hashed; takes as long for a near miss as for a far one."""
    return hmac.compare_digest(hashed(secret), secret_hash)


def _random(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))
