"""What a page about one change request is about: the request, its evidence, and what decides over it."""

from functools import cached_property

from django.shortcuts import get_object_or_404

from models_app.changes import selectors
from models_app.changes.approvers import lapsed
from models_app.changes.evidence.models import Evidence
from models_app.changes.models import ChangeRequest, Review, ReviewPolicy
from models_app.changes.transitions import ENDORSE, seen, why_not
from models_app.console.releases.difference import decoded, difference_in_words
from models_app.console.ui.page import TenantPage
from models_app.statistics.evidence import Found, stored
from scoring.models import Release


class BaseChangePage(TenantPage):
    """The change request that the address names, and what is known of it; each is read once, when first asked for."""

    tab, subject = "changes", "change"

    @cached_property
    def change(self) -> ChangeRequest:
        return get_object_or_404(selectors.beside_live(self.tenant), number=self.kwargs["change"])

    @cached_property
    def evidence(self) -> Evidence | None:
        return selectors.latest_evidence(self.change)

    @cached_property
    def found(self) -> Found | None:
        """What the evidence found; None while there is none, or until it has."""
        return stored.read(self.evidence.result) if self.evidence and self.evidence.result else None

    @cached_property
    def live(self) -> Release | None:
        pointer = getattr(self.change.tenant, "current", None)
        return pointer.release if pointer else None

    @cached_property
    def policy(self) -> ReviewPolicy:
        return getattr(self.change.tenant, "review_policy", None) or ReviewPolicy(tenant=self.tenant)

    @cached_property
    def reviews(self) -> list[Review]:
        return list(selectors.reviews(self.change))

    @cached_property
    def approvals(self) -> list[Review]:
        """Those that count."""
        return [row for row in self.reviews if row.is_given and row.pk not in self.lapsed]

    @cached_property
    def lapsed(self) -> dict[int, str]:
        """By id, why approvals count no more though nothing has voided them."""
        return lapsed(self.change, self.reviews, self.policy)

    @property
    def left(self) -> int:
        """How many approvals it still needs."""
        return max(0, self.policy.approvals_needed - len(self.approvals))

    @cached_property
    def difference(self) -> list[str]:
        """What changes in what is served, in sentences."""
        before = decoded(self.change.based_on.document) if self.change.based_on else None
        after = decoded(self.change.document)
        assert after is not None
        return difference_in_words(self.tenant, before, after)

    @property
    def is_up_to_date(self) -> bool:
        """Whether its evidence speaks of what is proposed and of what is live."""
        return self.evidence is not None and selectors.counts(self.evidence, self.change, self.live)

    @property
    def passes(self) -> bool:
        """Whether its evidence lets it go live without a reason."""
        return self.evidence is not None and self.evidence.is_good

    @cached_property
    def why_not_approve(self) -> str:
        """Why this person cannot approve it now; empty where they can."""
        if any(row.person_id == self.person.pk for row in self.approvals):
            return "You have approved it."
        evidence = self.evidence if self.is_up_to_date else None
        return why_not(seen(self.change, self.person, self.policy, self.live, evidence), ENDORSE)
