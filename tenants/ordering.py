"""Rows sorted by a field: what has no value there comes last, whichever way."""

from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import F, Model, QuerySet


def in_order(rows: QuerySet[Any], by: str) -> QuerySet[Any]:
    """Sort by a field's name, `-name` for the largest first; equal rows by their keys."""
    name = by.removeprefix("-")
    if by == name or not _may_be_null(rows.model, name):  # then indexes serve it
        return rows.order_by(by, "pk")
    return rows.order_by(F(name).desc(nulls_last=True), "pk")


def _may_be_null(model: type[Model], name: str) -> bool:
    try:
        return bool(getattr(model._meta.get_field(name), "null", False))
    except FieldDoesNotExist:  # of a related row, or annotated
        return False
