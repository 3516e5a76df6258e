"""What lists of change requests are narrowed by."""

from collections.abc import Sequence

from django.db.models import QuerySet
from django_filters import FilterSet

from models_app.changes import selectors
from models_app.changes.evidence.models import Evidence
from models_app.changes.models import ChangeRequest
from tenants.filters import Choice, Name, Search, same


class ChangeFilters(FilterSet):
    """Of one tenant."""

    q = Search("title", "reason", "author__email", "author__name", "tenant__name", "tenant__slug", "number")
    intent = Name("routes", "has_key", help_text="Only change requests that change this intent.")
    state = Choice(same(ChangeRequest.State.values), help_text="Only change requests in this state.")
    verdict = Choice(same(Evidence.Verdict.values), help_text="Only those whose latest evidence says this.")
    expiry = Choice(
        [(selectors.SOON, "within two days")],
        method="expiring",
        help_text="Only open ones that expire within two days.",
    )

    class Meta:
        model = ChangeRequest
        fields: Sequence[str] = ()

    def expiring(self, rows: QuerySet[ChangeRequest], name: str, value: str) -> QuerySet[ChangeRequest]:
        return rows.filter(selectors.expires_soon())


class AllChangeFilters(ChangeFilters):
    """Of all tenants."""

    tenant = Name("tenant__slug", help_text="Only those of this tenant, by its slug.")
