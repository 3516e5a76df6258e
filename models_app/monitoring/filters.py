"""What lists of refused requests are narrowed by."""

from collections.abc import Sequence

from django_filters import FilterSet

from scoring.models import RefusedRequests
from scoring.serving.refused import REASONS
from tenants.filters import Choice, Name


class RefusedFilters(FilterSet):
    intent = Name(help_text="Only those of this intent.")
    reason = Choice([(each, each) for each in REASONS], help_text="Only those for this reason.")

    class Meta:
        model = RefusedRequests
        fields: Sequence[str] = ()
