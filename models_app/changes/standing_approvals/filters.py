"""What lists of standing approvals are narrowed by."""

from collections.abc import Sequence

from django_filters import FilterSet

from models_app.changes.standing_approvals.models import StandingApproval
from tenants.filters import Choice, Name, Search, same


class StandingApprovalFilters(FilterSet):
    """Filters of one tenant's standing approvals."""

    q = Search("intent__name", "reason", "author__email", "author__name")
    intent = Name("intent__name", help_text="Only those of this intent.")
    state = Choice(same(StandingApproval.State.values), help_text="Only those that are open, or revoked.")

    class Meta:
        model = StandingApproval
        fields: Sequence[str] = ()
