"""What the control plane's views have in common."""

from collections.abc import Iterator
from math import isfinite
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property
from django_filters import FilterSet
from rest_framework import serializers
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from tenants.api.bodies import BodyView
from tenants.api.filter_backend import Narrowed
from tenants.api.permissions import PersonMay
from tenants.models import Person, Tenant
from tenants.query_text import NOT_A_NUMBER
from tenants.roles import Permission


class Pages(LimitOffsetPagination):
    """`?limit=` (at most 200) and `?offset=`."""

    default_limit = 50
    max_limit = 200
    template = None


class Input(serializers.Serializer[Any]):
    """A request's body, strict about names that it does not know: a misspelt field is an error, not a default."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict) and (unknown := sorted(str(name) for name in data.keys() - self.fields.keys())):
            known = ", ".join(name for name, field in self.fields.items() if not field.read_only)
            raise serializers.ValidationError({name: [f"no such field; there are {known}"] for name in unknown})
        if isinstance(data, dict) and (faults := dict(self._misread(data))):
            raise serializers.ValidationError(faults)
        return super().to_internal_value(data)

    def _misread(self, data: dict[str, Any]) -> Iterator[tuple[str, str]]:
        """What the framework would take for another type: a number for text, a word for a number."""
        for name, field in self.fields.items():
            value = data.get(name)
            if isinstance(field, serializers.CharField) and isinstance(value, int | float):
                yield name, "Not a valid string."
            if isinstance(field, serializers.FloatField) and isinstance(value, str) and not _is_finite(value):
                yield name, NOT_A_NUMBER


def _is_finite(text: str) -> bool:
    try:
        return isfinite(float(text))
    except ValueError:
        return True  # said by the field itself


class PersonView(BodyView):
    """A view for people, each method of which needs a permission.

    `permissions`: method → what the person must be allowed to do; None is open to everybody, and shows what is in their
    scope. `shared`: does not exist for people without a platform role. `filters`: what its list is narrowed by, if by
    anything. `tenant`: the one that the URL names by its slug, where it does; 404 outside of the caller's scope.
    """

    permissions: ClassVar[dict[str, Permission | None]] = {}
    shared: ClassVar[bool] = False
    filters: ClassVar[type[FilterSet] | None] = None
    filter_backends = (Narrowed,)
    permission_classes = [IsAuthenticated, PersonMay]
    pagination_class = Pages

    @cached_property
    def tenant(self) -> Tenant | None:
        slug = self.kwargs.get("tenant")
        return None if slug is None else get_object_or_404(Tenant.objects.all(), slug=slug)

    @property
    def person(self) -> Person:
        """Who sends the request; PersonMay has let nobody else in."""
        assert isinstance(self.request.user, Person)
        return self.request.user

    def body(self, serializer: type[serializers.Serializer[Any]], partial: bool = False) -> dict[str, Any]:
        """The request's body, checked. Raises ValidationError (422) naming each field."""
        checked = serializer(data=self.request.data, partial=partial)
        checked.is_valid(raise_exception=True)
        return dict(checked.validated_data)

    def page(self, rows: QuerySet[Any], serializer: type[serializers.BaseSerializer[Any]]) -> Response:
        """The part of the rows that the view's filters, `limit` and `offset` ask for."""
        pages = self.pagination_class()
        found = pages.paginate_queryset(Narrowed().filter_queryset(self.request, rows, self), self.request, view=self)
        return pages.get_paginated_response(serializer(found, many=True).data)


class TenantView(PersonView):
    """A PersonView whose URL always names a tenant."""

    @cached_property
    def tenant(self) -> Tenant:
        return get_object_or_404(Tenant.objects.all(), slug=self.kwargs["tenant"])
