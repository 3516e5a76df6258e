"""What lists of refreshes are narrowed by."""

from collections.abc import Sequence

from django_filters import FilterSet

from models_app.refreshes.models import Refresh
from tenants.filters import Choice, same


class RefreshFilters(FilterSet):
    """Filters of one intent's refreshes."""

    state = Choice(same(Refresh.State.values), help_text="Only refreshes in this state.")
    outcome = Choice(same(Refresh.Outcome.values), help_text="Only refreshes of which this came.")

    class Meta:
        model = Refresh
        fields: Sequence[str] = ()
