"""A request for a score, for lines in the log: they name its event, too, where its client does."""

import io
from collections.abc import Mapping

import msgspec

from tenants.asked import Request

ADDRESS = "/api/v1/score"
_LARGEST = 1_048_576  # bytes that are read again for a line in the log


class _Named(msgspec.Struct):
    event_id: str = ""


class ScoringRequest(Request):
    """Its body is looked at once a line is written, and only where it is at hand."""

    def ids(self) -> Mapping[str, str]:
        event = self._event()
        return {**super().ids(), "event_id": event} if event else super().ids()

    def _event(self) -> str:
        body = self._environ.get("wsgi.input")
        if self._environ.get("PATH_INFO") != ADDRESS or not isinstance(body, io.BytesIO):
            return ""
        return _event_in(body.getvalue())


def _event_in(body: bytes) -> str:
    """The id of the event in a body; "" for none. What cannot be printed is written as Python would."""
    if len(body) > _LARGEST:
        return ""
    try:
        found = msgspec.json.decode(body, type=_Named).event_id[:128]
    except (msgspec.MsgspecError, ValueError):  # of what cannot be read
        return ""
    return found if found.isprintable() else ascii(found)
