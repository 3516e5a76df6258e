"""An intent as the part of a release document that stands for it."""

from typing import Literal, cast

import msgspec

from scoring.engine import document
from tenants.models import Intent

Keep = Literal["all", "none"] | tuple[str, ...]


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
