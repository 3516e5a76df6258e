"""A worker's hold on the check of a model."""

from dataclasses import dataclass
from typing import Any

from models_app.catalog import validation_events
from models_app.catalog.models import ModelCheck
from models_app.catalog.register import record_check
from models_app.catalog.validation import Validation
from models_app.modelfiles import CheckReport
from models_app.work.lease import FAILED, SUCCEEDED, Attempt


@dataclass(frozen=True)
class CheckWork(Attempt):
    """One attempt at the check of a model. A storage that is away is waited for: a model is unusable for good."""

    model = ModelCheck
    related = ("model",)
    passing = (*Attempt.passing, OSError)

    def finish(self, report: CheckReport, validation: Validation | None = None) -> None:
        """Commit what the check found, once: a model that may be used, or not. Raises Stopped."""
        with self.scope():
            check = self.locked()
            record_check(model=check.model, report=report, validation=validation)
            self.end(check, SUCCEEDED, "usable" if report.ok else f"unusable: {report.reason}", {})
        validation_events.forget([check.model])

    def fail(self, reason: str) -> None:
        with self.scope():
            check = self.locked()
            check.error = f"the check failed: {reason}, then register the model again"
            record_check(model=check.model, report=CheckReport(ok=False, failed="worker", reason=check.error))
            self.end(check, FAILED, f"failed: {reason}", {})
        validation_events.forget([check.model])

    def tell(self, row: Any, state: str, details: dict[str, Any]) -> None:
        """The audit trail has what the check found of its model."""
