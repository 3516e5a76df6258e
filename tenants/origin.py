"""Where the writes of this moment come from: a request, a task or a command. Each row of history keeps it.

It reaches the database with the scope (tenants.scope), in the same statement, so that it costs no query of its own.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID, uuid4


@dataclass(frozen=True)
class Origin:
    """`what`: "POST /tenants/acme/keys" or "task models_app.tasks.run_fit". `person`: their primary key, if any.

    Of a task, person and address are those of the request that asked for it, if one did. `id` ties together all that
    was written for one request or task: entries of the audit trail and rows of history. `request_id`: what the log
    calls the request, where that is not `id`; of a task, the request that asked for it.
    """

    what: str = ""
    person: int | None = None
    address: str | None = None
    id: UUID = field(default_factory=uuid4)
    request_id: str = ""

    def settings(self) -> tuple[str, str]:
        """The values of `pghistory.context_id` and `pghistory.context_metadata`, which the triggers read."""
        known = {name: value for name, value in asdict(self).items() if value and name != "id"}
        return str(self.id), json.dumps(known)

    def passed_on(self) -> dict[str, Any]:
        """Return the message headers that carry who asked, and from where, to a task."""
        who = {"person": self.person, "address": self.address}
        return {"asked_for": who, "asked_as": self.request_id or str(self.id)}


_current: ContextVar[Origin | None] = ContextVar("origin", default=None)


def current() -> Origin | None:
    """The origin of what is written now; None where nobody has said."""
    return _current.get()


@contextmanager
def writing(origin: Origin) -> Iterator[None]:
    """Write for this origin. It counts from the next scope on."""
    token = _current.set(origin)
    try:
        yield
    finally:
        _current.reset(token)
