from models_app.models.fit import Fit, Sample
from models_app.models.model_version import ModelVersion
from models_app.models.predictor import PredictorMember, PredictorVersion
from models_app.models.reference import ReferenceDistribution
from models_app.models.transform import Transform

__all__ = [
    "Fit",
    "ModelVersion",
    "PredictorMember",
    "PredictorVersion",
    "ReferenceDistribution",
    "Sample",
    "Transform",
]
