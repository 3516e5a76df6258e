"""Requests that were refused, counted by tenant, intent and reason, for they are in no event log.

A request only appends to a queue, which no lock guards; the watcher's thread writes to Postgres what is in it. A
process that is killed loses what it has noted in the last seconds; while Postgres is away, nothing is lost.
"""

from collections import Counter, deque
from collections.abc import Iterable, Mapping

from django.db import connection

from tenants.scope import platform_scope

REASONS: Mapping[str, str] = {
    "unreadable": "The body cannot be read, or has a form that is not read here",
    "key": "The key is expired, revoked or not the one that it says it is",
    "not allowed": "The key may not do this",
    "unknown intent": "The tenant is not served with such an intent",
    "too large": "The body, or the number of its events, is over the limit",
    "invalid": "Something is missing, of the wrong type or outside its range",
    "event": "Events in batches that were refused, one by one",
    "quota": "A quota of events a second or a day is used up",
    "load": "More came at once than can be scored in time",
    "unavailable": "No release is loaded, or the predictor fails",
    "failed": "The service itself failed",
}
_BY_STATUS = {
    400: "unreadable", 403: "not allowed", 404: "unknown intent", 405: "unreadable", 413: "too large",
    415: "unreadable", 422: "invalid", 429: "quota", 500: "failed", 503: "unavailable",
}  # fmt: skip

_WRITE = """
INSERT INTO scoring_refusedrequests (tenant_id, intent, hour, reason, requests)
SELECT noted.tenant, noted.intent, date_trunc('hour', now()), noted.reason, noted.requests
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::bigint[]) AS noted(tenant, intent, reason, requests)
JOIN tenants_tenant AS there ON there.id = noted.tenant
ON CONFLICT (tenant_id, intent, hour, reason)
DO UPDATE SET requests = scoring_refusedrequests.requests + excluded.requests
"""

Kind = tuple[int, str, str]  # tenant, intent, reason


def reason_of(status: int) -> str:
    """Why an answer of this status refuses; "" for others."""
    return _BY_STATUS.get(status, "")


class Refused:
    """`note` is for requests; `write` is for one thread alone."""

    def __init__(self) -> None:
        self._noted: deque[tuple[Kind, int]] = deque(maxlen=1_000_000)

    def note(self, tenant: int, intent: str, reason: str, requests: int = 1) -> None:
        """Note refused requests, or (the reason `event`) events of a batch; intent: "" where it is not served."""
        if reason and requests:
            self._noted.append(((tenant, intent, reason), requests))

    def write(self) -> None:
        """Add what was noted to the rows of this hour. Raises database errors, and then writes it the next time."""
        counted: Counter[Kind] = Counter()
        for _ in range(len(self._noted)):
            kind, requests = self._noted.popleft()
            counted[kind] += requests
        if not counted:
            return
        try:
            _add(sorted(counted.items()))
        except Exception:
            self._noted.extend(counted.items())
            raise


def _add(rows: Iterable[tuple[Kind, int]]) -> None:
    """In one order, so that processes that write at the same time do not lock each other out."""
    columns = zip(*((*kind, requests) for kind, requests in rows), strict=True)
    with platform_scope(), connection.cursor() as cursor:
        cursor.execute(_WRITE, [list(column) for column in columns])
