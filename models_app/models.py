"""The tables of the app, gathered for Django; code takes each from its own package."""

from models_app.catalog.models import ModelCheck, ModelVersion, PredictorMember, PredictorVersion, ReferenceDistribution
from models_app.changes.decision_changes.models import DecisionChange
from models_app.changes.evidence.models import Evidence
from models_app.changes.models import ChangeRequest, Review, ReviewPolicy
from models_app.changes.policy_changes.models import PolicyChange
from models_app.changes.standing_approvals.models import BoundsApproval, StandingApproval
from models_app.changes.track_record.models import TrackRecord
from models_app.incidents.models import Incident
from models_app.monitors.models import Look, Monitor
from models_app.notifications.models import Delivery, Notification, Webhook
from models_app.refreshes.models import Refresh, RefreshPolicy
from models_app.replacements.models import Replacement, ReplacementLine
from models_app.successors.models import SuccessorPolicy, Trial
from models_app.transforms.models import Fit, FitPart, Sample, Transform

__all__ = [
    "BoundsApproval",
    "ChangeRequest",
    "DecisionChange",
    "Delivery",
    "Evidence",
    "Fit",
    "FitPart",
    "Incident",
    "Look",
    "ModelCheck",
    "ModelVersion",
    "Monitor",
    "Notification",
    "PolicyChange",
    "PredictorMember",
    "PredictorVersion",
    "ReferenceDistribution",
    "Refresh",
    "RefreshPolicy",
    "Replacement",
    "ReplacementLine",
    "Review",
    "ReviewPolicy",
    "Sample",
    "StandingApproval",
    "SuccessorPolicy",
    "TrackRecord",
    "Transform",
    "Trial",
    "Webhook",
]
