"""Rows of the database as the parts of a release document that stand for them."""

from typing import Literal, cast

import msgspec

from models_app.models import ModelVersion, PredictorVersion, Transform
from scoring.engine import document
from tenants.models import Intent

Keep = Literal["all", "none"] | tuple[str, ...]


def model_part(model: ModelVersion) -> document.Model:
    names = tuple(feature["name"] for feature in model.features)
    return document.Model(digest=model.digest, features=names, single_rows=model.single_rows)


def predictor_part(predictor: PredictorVersion) -> document.Predictor:
    members = [
        {"model": member.model.key, "beta": member.beta, "weight": member.weight} for member in predictor.members.all()
    ]
    return msgspec.convert({"members": members, "aggregation": predictor.aggregation}, document.Predictor)


def transform_part(transform: Transform) -> document.Transform:
    plain = {"kind": transform.kind, "reference": transform.reference.key, "x": transform.x, "y": transform.y}
    return msgspec.convert(plain, document.Transform)


def features_of(intent: Intent) -> tuple[document.Feature, ...]:
    return msgspec.convert(intent.features, tuple[document.Feature, ...])


def thresholds_of(intent: Intent) -> tuple[document.Threshold, ...]:
    return msgspec.convert(intent.thresholds, tuple[document.Threshold, ...])


def intent_part(intent: Intent, routes: tuple[document.Route, ...]) -> document.Intent:
    """An intent as it is configured now, with routes."""
    listed = intent.keep_features == Intent.Keep.LISTED
    keep = tuple(intent.kept_features) if listed else intent.keep_features
    return document.Intent(
        features=features_of(intent),
        routes=routes,
        context=msgspec.convert(intent.context, tuple[document.ContextAttribute, ...]),
        thresholds=thresholds_of(intent),
        keep_features=cast(Keep, keep),
        idempotency_seconds=intent.idempotency_seconds,
    )
