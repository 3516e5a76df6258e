"""Fields that several bodies share."""

from typing import Any

from rest_framework import serializers

from tenants import strict_json
from tenants.refusals import Refusal


class JSONField(serializers.JSONField):
    """Any JSON that can be kept; in a form, its text. Raises ValidationError naming the place in it."""

    def to_internal_value(self, data: Any) -> Any:
        if not getattr(data, "is_json_string", False):
            return super().to_internal_value(data)
        try:
            return strict_json.decode_storable(str(data).encode())
        except Refusal as refusal:
            raise serializers.ValidationError(_within(refusal)) from refusal


def _within(refusal: Refusal) -> Any:
    """What is wrong, each with its place below the field's own."""
    places = {each["field"]: [each["expected"]] for each in refusal.faults}
    return places or [str(refusal)]
