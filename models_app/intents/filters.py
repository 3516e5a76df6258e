"""What lists of intents are narrowed by."""

from collections.abc import Sequence

from django_filters import FilterSet

from tenants.filters import Choice, Search
from tenants.models import Intent


class IntentFilters(FilterSet):
    q = Search("name")

    class Meta:
        model = Intent
        fields: Sequence[str] = ()


class AllIntentFilters(FilterSet):
    """Filters of intents of all tenants.

    `alerts` is no field: the rows must be annotated with it, from the rates of the last day.
    """

    q = Search("name", "tenant__name", "tenant__slug")
    alerts = Choice([("off", "alerts off target")], help_text="Only intents with an alert rate off its target.")

    class Meta:
        model = Intent
        fields: Sequence[str] = ()
