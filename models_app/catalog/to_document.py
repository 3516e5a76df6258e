"""Models and predictors as the parts of a release document that stand for them."""

import msgspec

from models_app.catalog.models import ModelVersion, PredictorVersion
from scoring.engine import document


def model_part(model: ModelVersion) -> document.Model:
    names = tuple(feature["name"] for feature in model.features)
    return document.Model(digest=model.digest, features=names, single_rows=model.single_rows)


def predictor_part(predictor: PredictorVersion) -> document.Predictor:
    members = [
        {"model": member.model.key, "beta": member.beta, "weight": member.weight} for member in predictor.members.all()
    ]
    return msgspec.convert({"members": members, "aggregation": predictor.aggregation}, document.Predictor)
