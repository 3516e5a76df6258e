"""Fields that several bodies share."""

from typing import Any

from rest_framework import serializers

from tenants.api import strict_json


class JSONField(serializers.JSONField):
    """Any JSON that can be kept; in a form, its text. Raises ValidationError naming the place in it."""

    def to_internal_value(self, data: Any) -> Any:
        if not getattr(data, "is_json_string", False):
            return super().to_internal_value(data)
        try:
            return strict_json.decode_storable(str(data).encode())
        except strict_json.Problem as problem:
            raise serializers.ValidationError(_within(problem)) from problem


def _within(problem: strict_json.Problem) -> Any:
    """What is wrong, each with its place below the field's own."""
    places = {str(each["field"]): [each["expected"]] for each in problem.errors}
    return places or [str(problem.detail)]
