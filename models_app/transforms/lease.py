"""A worker's hold on a fit."""

from dataclasses import dataclass
from typing import Any

from models_app.statistics.sketch import Sketch
from models_app.transforms.models import Fit, FitPart, Transform
from models_app.transforms.notify import tell_of_fit
from models_app.work.lease import FAILED, SUCCEEDED, Attempt
from tenants.scope import tenant_scope


@dataclass(frozen=True)
class Work(Attempt):
    """One attempt at a fit."""

    model = Fit

    def succeed(self, *, x: list[float], y: list[float], report: dict[str, Any]) -> None:
        """Commit the fit and its transform, once. Raises Stopped."""
        with tenant_scope(self.tenant_id):
            fit = self.locked()
            fit.transform = transform = Transform.objects.create(
                tenant_id=fit.tenant_id,
                intent_id=fit.intent_id,
                predictor_id=fit.predictor_id,
                reference_id=fit.reference_id,
                kind=Transform.Kind.CUSTOM,
                x=x,
                y=y,
                report=report,
            )
            text = f"transform {transform.pk} with {len(x):,} knots"
            self.end(fit, SUCCEEDED, text, {"transform": transform.pk, "error": ""})

    def end(self, row: Any, state: str, text: str, details: dict[str, Any]) -> None:
        super().end(row, state, text, details)
        row.parts.all().delete()
        if state == FAILED:
            tell_of_fit(row)


@dataclass(frozen=True)
class PartWork(Attempt):
    """One attempt at a part of a fit."""

    model = FitPart

    def succeed(self, sketch: Sketch) -> None:
        """Keep the part's sketch, once. Raises Stopped, as where the fit has ended meanwhile."""
        with tenant_scope(self.tenant_id):
            part = self.locked()
            part.events, part.sketch = len(sketch), sketch.to_bytes()
            self.end(part, SUCCEEDED, f"a sketch of {part.events:,} events", {})

    def tell(self, row: Any, state: str, details: dict[str, Any]) -> None:
        """The audit trail has what became of its fit."""
