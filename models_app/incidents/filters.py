"""What lists of incidents are narrowed by."""

from collections.abc import Sequence

from django_filters import FilterSet

from models_app.incidents.models import Incident
from tenants.filters import Choice, Name, Search, same


class IncidentFilters(FilterSet):
    """Filters of incidents, of one tenant or of all."""

    q = Search("tenant__name", "tenant__slug", "intent__name", "subject", "note")
    intent = Name("intent__name", help_text="Only incidents of this intent.")
    kind = Choice(same(Incident.Kind.values), help_text="Only incidents of this kind.")
    state = Choice(same(Incident.State.values), help_text="Only incidents in this state.")

    class Meta:
        model = Incident
        fields: Sequence[str] = ()
