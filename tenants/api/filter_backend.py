"""Lists in REST: narrowed by their view's filters, which OpenAPI shows as parameters."""

from typing import Any

from django.db.models import QuerySet
from django_filters import FilterSet
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.filters import BaseFilterBackend
from rest_framework.request import Request


class Narrowed(BaseFilterBackend):
    """Narrows a list by the `filters` of its view.

    Raises ValidationError (422) naming each parameter whose value cannot be.
    """

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        if view.filters is None:
            return queryset
        filters = view.filters(request.query_params, queryset)
        if not filters.is_valid():
            raise ValidationError({name: list(map(str, faults)) for name, faults in filters.errors.items()})
        return filters.qs

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return [_described(each) for each in parameters(view.filters)]


def parameters(filters: type[FilterSet] | None) -> list[OpenApiParameter]:
    """A set's filters, each with the values that it takes."""
    return [
        OpenApiParameter(
            name,
            str,
            description=each.extra.get("help_text", ""),
            enum=[value for value, _ in each.extra.get("choices", ())] or None,
        )
        for name, each in (filters.base_filters.items() if filters else ())
    ]


def _described(parameter: OpenApiParameter) -> dict[str, Any]:
    schema = {"type": "string", **({"enum": list(parameter.enum)} if parameter.enum else {})}
    return {"in": "query", "name": parameter.name, "schema": schema, "description": parameter.description}
