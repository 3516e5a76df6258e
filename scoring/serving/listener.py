"""Listens for messages that something has changed. Valkey may come and go; whoever waits here is not told."""

import contextlib
import time
from typing import Any

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from tenants.messages import CHANNEL


class ChangeListener:
    """A subscription that renews itself."""

    def __init__(self) -> None:
        self._subscription: Any = None

    def wait(self, seconds: float) -> bool:
        """Wait for a change, this long at most; returns whether one was announced."""
        until = time.monotonic() + seconds
        try:
            return self._wait_until(until)
        except (redis.RedisError, OSError):
            self.close()
            time.sleep(max(0.0, until - time.monotonic()))
            return False

    def close(self) -> None:
        subscription, self._subscription = self._subscription, None
        if subscription is not None:
            with contextlib.suppress(redis.RedisError, OSError):
                subscription.close()

    def _wait_until(self, until: float) -> bool:
        if self._subscription is None:
            self._subscription = _subscribe()
        while (left := until - time.monotonic()) > 0:
            message = self._subscription.get_message(ignore_subscribe_messages=True, timeout=left)
            if message is not None:
                self._take_waiting()
                return True
        return False

    def _take_waiting(self) -> None:
        """Changes that were announced together need one look only."""
        while self._subscription.get_message(ignore_subscribe_messages=True, timeout=0.0) is not None:
            pass


def _subscribe() -> Any:
    client: Any = redis.Redis.from_url(
        settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1, retry=Retry(NoBackoff(), 0)
    )
    subscription = client.pubsub()
    subscription.subscribe(CHANNEL)
    return subscription
