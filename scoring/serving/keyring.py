"""API keys in memory: found by prefix, checked by the hash of their secret, alive until they end, good in networks."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied

from scoring.store.sources import Key
from tenants import networks, secrets
from tenants.address import address_in


class Keyring:
    """All live keys, and whose those were that have ended lately. Immutable; a change makes a new one.

    It remembers the texts that it has found to be keys, so that a client's secret is hashed once.
    """

    def __init__(self, keys: Iterable[Key] = (), ended: Mapping[str, int] | None = None) -> None:
        self._keys: Mapping[str, Key] = {key.prefix: key for key in keys}
        self._tenants = {**(ended or {}), **{key.prefix: key.tenant for key in keys}}
        self._found: dict[str, Key] = {}

    def __len__(self) -> int:
        return len(self._keys)

    def find(self, text: str, now: float) -> Key | None:
        """The live key that this text is, at `now` (seconds since 1970); None for any other text."""
        key = self._found.get(text) or self._matching(text)
        return key if key is not None and (key.ends_at is None or now < key.ends_at) else None

    def tenant_of(self, text: str) -> int | None:
        """Whose key this text says it is, whether its secret is right and whether it has ended; None for nobody's."""
        parts = secrets.split(text)
        return self._tenants.get(parts.prefix) if parts and parts.kind == secrets.KEY else None

    def _matching(self, text: str) -> Key | None:
        parts = secrets.split(text)
        key = self._keys.get(parts.prefix) if parts and parts.kind == secrets.KEY else None
        if parts is None or key is None or not secrets.matches(parts.secret, key.secret_hash):
            return None
        self._found[text] = key
        return key


class Elsewhere(PermissionDenied):
    """A key was used from outside of its networks: from `address`, where that is known."""

    def __init__(self, address: str | None) -> None:
        super().__init__(networks.refusal(address))
        self.address = address


def check_network(key: Key, environ: Mapping[str, Any], proxies: int) -> None:
    """Raise Elsewhere where the request with this WSGI environment comes from outside of the key's networks."""
    if key.networks:
        address = address_in(environ, proxies)
        if not networks.holds(key.networks, address):
            raise Elsewhere(address)
