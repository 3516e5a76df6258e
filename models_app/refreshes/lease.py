"""A worker's hold on a refresh."""

from collections.abc import Sequence
from dataclasses import dataclass

from models_app.changes.models import ChangeRequest
from models_app.changes.standing_approvals.bounds import goes_on
from models_app.incidents.models import Incident
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

    def hold_back(self, by: Sequence[Incident]) -> None:
        """Commit that nothing comes of it while these go on. Raises Stopped."""
        refused = [goes_on(each) for each in by]
        with tenant_scope(self.tenant_id):
            refresh = self.locked()
            refresh.held_back_by = [each.pk for each in by]
            refresh.save(update_fields=["held_back_by"])
            self.succeed(Refresh.Outcome.HELD_BACK, f"held back: {'; '.join(refused)}", refused)

    def keep(self, change: ChangeRequest) -> None:
        """Note the change request, in the transaction that makes it. Raises Stopped."""
        refresh = self.locked()
        refresh.change_request = change
        refresh.save(update_fields=["change_request"])
