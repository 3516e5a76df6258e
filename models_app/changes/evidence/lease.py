"""A worker's hold on evidence."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models_app.changes.decision_changes.collecting import keep
from models_app.changes.decision_changes.models import DecisionChange
from models_app.changes.evidence.models import Evidence
from models_app.changes.notify import tell_of_evidence
from models_app.statistics.evidence import Verdict, stored
from models_app.work.lease import SUCCEEDED, Attempt
from tenants.scope import tenant_scope


@dataclass(frozen=True)
class EvidenceWork(Attempt):
    """One attempt at the evidence for a change request."""

    model = Evidence

    def succeed(
        self,
        *,
        result: str,
        verdict: Verdict,
        figures: Mapping[str, Any],
        past_weeks: Mapping[str, Any],
        decision_changes: Sequence[DecisionChange],
    ) -> None:
        """Commit what was found, once; `result` is its canonical text. Raises Stopped."""
        with tenant_scope(self.tenant_id):
            evidence = self.locked()
            evidence.result, evidence.digest = result, hashlib.sha256(result.encode()).hexdigest()
            evidence.verdict, evidence.sentence, evidence.figures = verdict.state, verdict.sentence, dict(figures)
            evidence.verdict_details, evidence.past_weeks = stored.plain(verdict), dict(past_weeks)
            evidence.risk_rose = verdict.risk_rose
            keep(evidence, decision_changes)
            details = {"verdict": verdict.state, "digest": evidence.digest, "risk_rose": verdict.risk_rose}
            self.end(evidence, SUCCEEDED, f"{verdict.state}: {verdict.sentence}", details)
            tell_of_evidence(evidence)
