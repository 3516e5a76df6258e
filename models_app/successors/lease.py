"""A worker's hold on a trial."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from models_app.changes.models import ChangeRequest
from models_app.statistics.trials import Found
from models_app.successors.models import Trial
from models_app.transforms.models import Fit
from models_app.work.lease import SUCCEEDED, Attempt
from tenants.scope import tenant_scope


@dataclass(frozen=True)
class TrialWork(Attempt):
    """One attempt at a trial."""

    model = Trial

    def succeed(self, outcome: str, text: str, against: Sequence[str] = ()) -> None:
        """Commit what came of it. Raises Stopped."""
        with tenant_scope(self.tenant_id):
            trial = self.locked()
            trial.outcome, trial.against = outcome, list(against)
            self.end(trial, SUCCEEDED, text, {"outcome": str(outcome), "against": trial.against})

    def keep_found(self, found: Found) -> None:
        """Note what labels told. Raises Stopped."""
        with tenant_scope(self.tenant_id):
            trial = self.locked()
            trial.found = msgspec.to_builtins(found)
            trial.save(update_fields=["found"])

    def keep_fit(self, reference: str, fit: Fit) -> None:
        """Note a fit, in the transaction that asks for it. Raises Stopped."""
        trial = self.locked()
        trial.fits = {**trial.fits, reference: fit.pk}
        trial.save(update_fields=["fits"])

    def keep(self, change: ChangeRequest) -> None:
        """Note the change request, in the transaction that makes it. Raises Stopped."""
        trial = self.locked()
        trial.change_request = change
        trial.save(update_fields=["change_request"])
