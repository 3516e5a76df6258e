"""A worker's hold on a refresh."""

from collections.abc import Sequence
from dataclasses import dataclass

from models_app.changes.models import ChangeRequest
from models_app.refreshes.models import Refresh
from models_app.work.lease import SUCCEEDED, Attempt
from tenants.scope import tenant_scope


@dataclass(frozen=True)
class RefreshWork(Attempt):
    """One attempt at a refresh."""

    model = Refresh

    def succeed(self, outcome: str, text: str, refused: Sequence[str] = ()) -> None:
        """Commit what came of it. Raises Stopped."""
        with tenant_scope(self.tenant_id):
            refresh = self.locked()
            refresh.outcome, refresh.refused = outcome, list(refused)
            self.end(refresh, SUCCEEDED, text, {"outcome": str(outcome), "refused": refresh.refused})

    def keep(self, change: ChangeRequest) -> None:
        """Note the change request, in the transaction that makes it. Raises Stopped."""
        refresh = self.locked()
        refresh.change_request = change
        refresh.save(update_fields=["change_request"])
