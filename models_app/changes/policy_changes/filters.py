"""What lists of policy changes are narrowed by."""

from collections.abc import Sequence

from django_filters import FilterSet

from models_app.changes.policy_changes.models import PolicyChange
from tenants.filters import Choice, Search, same


class PolicyChangeFilters(FilterSet):
    q = Search("subject", "reason", "author__email", "author__name")
    state = Choice(same(PolicyChange.State.values), help_text="Only policy changes in this state.")

    class Meta:
        model = PolicyChange
        fields: Sequence[str] = ()
