"""Where an event is explained, in REST and in the console alike."""

import re
from urllib.parse import urlencode

# Ids that every browser, proxy and library leaves as they are in a path.
_PLAIN = re.compile(r"(?!\.{1,2}\Z)[\w.~:@=+-]+", re.ASCII)
_ELSEWHERE = "-"  # stands in the path where the id is a parameter


def event_path(event_id: str, **hints: object) -> str:
    """An event's address below `…/events/`: its id is in the path where any path can carry it, else a parameter."""
    plain = _PLAIN.fullmatch(event_id)
    query = urlencode(hints if plain else {"event_id": event_id, **hints})
    return "?".join(filter(None, [event_id if plain else _ELSEWHERE, query]))
