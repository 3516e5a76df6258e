"""A transform as the part of a release document that stands for it."""

import msgspec

from models_app.transforms.models import Transform
from scoring.engine import document


def transform_part(transform: Transform) -> document.Transform:
    plain = {"kind": transform.kind, "reference": transform.reference.key, "x": transform.x, "y": transform.y}
    return msgspec.convert(plain, document.Transform)
