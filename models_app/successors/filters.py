"""What lists of trials are narrowed by."""

from collections.abc import Sequence

from django_filters import FilterSet

from models_app.successors.models import Trial
from tenants.filters import Choice, same


class TrialFilters(FilterSet):
    """Filters of one intent's trials."""

    state = Choice(same(Trial.State.values), help_text="Only trials in this state.")
    outcome = Choice(same(Trial.Outcome.values), help_text="Only trials of which this came.")

    class Meta:
        model = Trial
        fields: Sequence[str] = ()
