"""A worker's hold on a line of a replacement."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, ValidationError

from models_app.changes.evidence.models import Evidence
from models_app.changes.models import ChangeRequest
from models_app.replacements.models import ReplacementLine
from models_app.work.lease import FAILED, SUCCEEDED, Attempt, CannotBeDone
from tenants.refusals import Refusal, messages_by_field
from tenants.scope import tenant_scope


class TooFewEvents(CannotBeDone):
    """There are not events enough; the message says how many it takes."""


@dataclass(frozen=True)
class LineWork(Attempt):
    """One attempt at a line."""

    model = ReplacementLine

    def succeed(self, evidence: Evidence, text: str) -> None:
        """Commit what the evidence says. Raises Stopped."""
        with tenant_scope(self.tenant_id):
            line = self.locked()
            line.verdict = evidence.verdict
            self.end(line, SUCCEEDED, text, {"verdict": evidence.verdict, "error": ""})

    def give_up(self, reason: str) -> None:
        """End without a change request, for want of events. Raises Stopped."""
        with tenant_scope(self.tenant_id):
            line = self.locked()
            line.error, line.verdict = reason, Evidence.Verdict.NOT_ENOUGH
            self.end(line, FAILED, f"failed: {reason}", {"error": reason})

    def keep(self, change: ChangeRequest) -> None:
        """Note the line's change request, in the transaction that makes it. Raises Stopped."""
        line = self.locked()
        line.change_request = change
        line.save(update_fields=["change_request"])


@contextmanager
def refusals_as_failures() -> Iterator[None]:
    """Turn a service's refusal into the failure of the line, with the service's message."""
    try:
        yield
    except ValidationError as error:
        raise CannotBeDone("; ".join(_messages(error))) from error
    except (PermissionDenied, Refusal) as error:
        raise CannotBeDone(str(error)) from error


def _messages(error: ValidationError) -> Iterator[str]:
    for field, messages in messages_by_field(error).items():
        yield f"{field}: {', '.join(messages)}" if field else ", ".join(messages)
