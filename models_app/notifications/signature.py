"""Signing what webhooks are sent, by the scheme of Standard Webhooks: its libraries check it, in any language."""

import base64
import hashlib
import hmac
import secrets

from django.utils.crypto import salted_hmac

PREFIX = "whsec_"


def new_seed() -> str:
    return secrets.token_urlsafe(32)


def secret_of(seed: str) -> str:
    """A webhook's secret, as its owner sees it once: it changes with the seed and with MUSE_SECRET_KEY."""
    return PREFIX + base64.b64encode(_key(seed)).decode()


def headers(seed: str, message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The three headers that tell the receiver who sends, what, and when."""
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{_signature(_key(seed), message_id, timestamp, body)}",
    }


def _signature(key: bytes, message_id: str, timestamp: int, body: bytes) -> str:
    signed = f"{message_id}.{timestamp}.".encode() + body
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def _key(seed: str) -> bytes:
    return salted_hmac("muse.webhook", seed, algorithm="sha256").digest()
