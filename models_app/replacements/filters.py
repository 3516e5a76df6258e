"""What lists of replacements and of their lines are narrowed by."""

from collections.abc import Sequence

from django_filters import FilterSet

from models_app.changes.evidence.models import Evidence
from models_app.changes.models import ChangeRequest
from models_app.replacements.models import Replacement, ReplacementLine
from models_app.replacements.selectors import OUTCOMES
from tenants.filters import Choice, Search, same


class ReplacementFilters(FilterSet):
    q = Search("title", "reason", "replaced__name", "predictor__name", "author__email")

    class Meta:
        model = Replacement
        fields: Sequence[str] = ()


class LineFilters(FilterSet):
    """Filters of the lines of one replacement."""

    q = Search("tenant__name", "tenant__slug")
    outcome = Choice(same(OUTCOMES), help_text="Only lines that have come to this.")
    change_state = Choice(
        same(ChangeRequest.State.values), "change_request__state", help_text="Only lines with a change request so."
    )

    class Meta:
        model = ReplacementLine
        fields: Sequence[str] = ()


class DetailedLineFilters(LineFilters):
    """The two of which an outcome is made, too: programs ask for them, and people need not."""

    state = Choice(same(ReplacementLine.State.values), help_text="Only lines in this state.")
    verdict = Choice(same(Evidence.Verdict.values), "verdict_now", help_text="Only lines with this verdict.")
