"""What is looked for among recorded events, and the place of an event among all of a tenant's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, unquote

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST, _LAST = 0, 2**55  # microseconds since then, as an event can have: up to the year 3111


@dataclass(frozen=True, order=True)
class Place:
    """Where an event stands among all of a tenant's."""

    occurred_at: datetime
    intent: str
    event_id: str

    @property
    def text(self) -> str:
        """Return the place as text for the parameter of an address, where not every id could stand as it is."""
        micros = (self.occurred_at - _EPOCH) // timedelta(microseconds=1)
        return f"{micros}.{self.intent}.{quote(self.event_id, safe='')}"

    @classmethod
    def of(cls, text: str) -> "Place":
        """What `text` gave. Raises ValueError."""
        micros, intent, event_id = text.split(".", 2)
        if not _FIRST <= int(micros) < _LAST:
            raise ValueError(text)
        return cls(_EPOCH + timedelta(microseconds=int(micros)), intent, unquote(event_id, errors="strict"))


@dataclass(frozen=True)
class EventSearch:
    """What is looked for in these intents of a tenant: events that meet all that is given.

    `since` and `until`: the first moment of `occurred_at` that counts, and the first that does not any more.
    `crossed`: by intent, the score that an event must reach; none of an intent that is not in it.
    `context`: a name and a value, as text. `degraded`: only events that the live predictor did not answer.
    """

    tenant_id: int
    intents: Sequence[str]
    since: datetime | None = None
    until: datetime | None = None
    min_score: float | None = None
    max_score: float | None = None
    crossed: Mapping[str, float] | None = None
    predictor: str = ""
    release: int | None = None
    label: str = ""
    context: tuple[str, str] | None = None
    prefix: str = ""
    degraded: bool = False
