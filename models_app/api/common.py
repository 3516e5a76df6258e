"""What several views of the control plane share."""

from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from models_app.inputs.errors import too_large
from tenants.api.bodies import take

M = TypeVar("M", bound=Model)

NAME_FILTER = OpenApiParameter("name", str, description="Only versions of this name.")
INTENT_FILTER = OpenApiParameter("intent", str, description="Only what belongs to this intent.")


def named(rows: QuerySet[M], request: Request) -> QuerySet[M]:
    """The rows that `?name=` asks for."""
    return _filtered(rows, request, "name", "name")


def of_intent(rows: QuerySet[M], request: Request) -> QuerySet[M]:
    """The rows that `?intent=` asks for."""
    return _filtered(rows, request, "intent", "intent__name")


def check_length(request: Request, limit: int) -> None:
    """Refuse a body that is too large: before it is read where it says so itself, else while it is."""
    take(request._request, limit)
    length = str(request.META.get("CONTENT_LENGTH") or "0")
    if length.isascii() and length.isdigit() and int(length) > limit:
        raise too_large(f"the body has {int(length):,} bytes, allowed are {limit:,}")


def _filtered(rows: QuerySet[M], request: Request, parameter: str, lookup: str) -> QuerySet[M]:
    wanted: Any = request.query_params.get(parameter)
    return rows if wanted is None else rows.filter(**{lookup: wanted.replace("\x00", "")})
