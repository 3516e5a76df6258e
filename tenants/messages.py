"""Messages to the scoring processes that something has changed. They also look by themselves, only later."""

import json
import logging
from functools import cache, partial
from typing import Any

import redis
from django.conf import settings
from django.db import transaction
from redis.backoff import NoBackoff
from redis.retry import Retry

CHANNEL = "muse:changes"

logger = logging.getLogger(__name__)


def announce_on_commit(**message: Any) -> None:
    """Tell the scoring processes, once the transaction is committed: `keys=True`, or `tenant=slug, release=number`."""
    transaction.on_commit(partial(announce, message))


def announce(message: dict[str, Any]) -> None:
    """Publish a message now. Where Valkey is away it is dropped: whoever listens finds the change by itself."""
    try:
        _client().publish(CHANNEL, json.dumps(message))
    except (redis.RedisError, OSError) as error:
        logger.warning("Not announced, scoring will find it within seconds: %s (%s)", message, error)


@cache
def _client() -> redis.Redis:
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1, retry=Retry(NoBackoff(), 1)
    )
