"""What a change would do, on the same events before and after: alert rates, who changes sides, gates, a verdict."""

from models_app.statistics.evidence.examine import examine
from models_app.statistics.evidence.findings import IntentEvidence
from models_app.statistics.evidence.observations import Observations, Question, ThresholdQuestion
from models_app.statistics.evidence.stored import Found
from models_app.statistics.evidence.verdict import Verdict, verdict_of

__all__ = [
    "Found",
    "IntentEvidence",
    "Observations",
    "Question",
    "ThresholdQuestion",
    "Verdict",
    "examine",
    "verdict_of",
]
