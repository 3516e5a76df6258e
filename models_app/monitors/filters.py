"""What lists of monitors are narrowed by."""

from collections.abc import Sequence

from django_filters import FilterSet

from models_app.monitors.models import Monitor
from tenants.filters import Search


class MonitorFilters(FilterSet):
    """Filters of the monitors of all tenants."""

    q = Search("tenant__name", "tenant__slug", "intent__name")

    class Meta:
        model = Monitor
        fields: Sequence[str] = ()
