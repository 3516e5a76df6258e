from models_app.models.change_request import ChangeRequest
from models_app.models.evidence import Evidence
from models_app.models.fit import Fit, Sample
from models_app.models.model_version import ModelVersion
from models_app.models.notification import Delivery, Notification, Webhook
from models_app.models.predictor import PredictorMember, PredictorVersion
from models_app.models.proposal import Proposal, ProposalLine
from models_app.models.reference import ReferenceDistribution
from models_app.models.review import Review
from models_app.models.review_policy import ReviewPolicy
from models_app.models.transform import Transform

__all__ = [
    "ChangeRequest",
    "Delivery",
    "Evidence",
    "Fit",
    "ModelVersion",
    "Notification",
    "PredictorMember",
    "PredictorVersion",
    "Proposal",
    "ProposalLine",
    "ReferenceDistribution",
    "Review",
    "ReviewPolicy",
    "Sample",
    "Transform",
    "Webhook",
]
