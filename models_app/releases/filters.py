"""What lists of releases are narrowed by."""

from collections.abc import Sequence

from django_filters import FilterSet

from scoring.models import Release
from tenants.filters import Search


class ReleaseFilters(FilterSet):
    q = Search("reason", "published_by__email", "published_by__name")

    class Meta:
        model = Release
        fields: Sequence[str] = ()
