"""What lists of events that change sides are narrowed by."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django_filters import Filter, FilterSet

from models_app.changes.decision_changes.models import DecisionChange
from scoring.search import read_context
from tenants.filters import Choice, Either, Name, Number, Search, same


class ContextField(forms.CharField):
    """A text as `channel=web`, read as a name and a value."""

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        try:
            return read_context(text) if text else None
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None


class Context(Filter):
    """Rows with this value of a context attribute."""

    field_class = ContextField

    def filter(self, rows: QuerySet[Any], value: tuple[str, str] | None) -> QuerySet[Any]:
        return rows.filter(context__contains=dict([value])) if value else rows


class DecisionChangeFilters(FilterSet):
    q = Search("event_id")
    intent = Name(help_text="Only those of this intent.")
    threshold = Name(help_text="Only those at this threshold, by its name.")
    side = Choice(same(DecisionChange.Side.values), help_text="Only new alerts, or only dropped ones.")
    label = Either(
        {
            "known": ("known", Q(label__isnull=False)),
            "positive": ("positive", Q(label=1)),
            "negative": ("negative", Q(label=0)),
            "none": ("none", Q(label=None)),
        },
        help_text="Only those whose label was so when the evidence was computed.",
    )
    context = Context(help_text="Only those with this value of a context attribute, as `channel=web`.")
    min_amount = Number("amount", "gte", help_text="Only those that are worth so much or more.")
    max_amount = Number("amount", "lte", help_text="Only those that are worth so much or less.")

    class Meta:
        model = DecisionChange
        fields: Sequence[str] = ()
