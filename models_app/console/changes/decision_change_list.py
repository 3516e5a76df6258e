"""All events that a change request puts on the other side of a threshold, narrowed, sorted, and as a file."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from models_app.changes.decision_changes.export import export
from models_app.changes.decision_changes.filters import DecisionChangeFilters
from models_app.changes.decision_changes.models import DecisionChange
from models_app.changes.decision_changes.selectors import decision_changes
from models_app.changes.evidence.models import Evidence
from models_app.console.changes.base import BaseChangePage
from models_app.console.changes.decision_changes import columns_of, counted, listed_in_words
from models_app.console.ui.listing import Listing, Typed
from models_app.console.ui.panels import Cell, Facts, Links, Note, Panel, Words, badge, code, link, several, when
from models_app.statistics.evidence import Found
from tenants.filters import Choices, same


class DecisionChangeList(BaseChangePage):
    """Who changes sides? Every event that does, by the latest evidence."""

    intro = "Events that change sides at a threshold, each with its score by what is live and by what is proposed."

    def heading(self) -> str:
        return f"Decision changes of change request {self.change.number}"

    def breadcrumbs(self) -> Sequence[tuple[str, str]]:
        here = (f"Change request {self.change.number}", self.at("change", change=self.change.number))
        return (*super().breadcrumbs(), ("Change requests", self.at("changes")), here)

    def panels(self) -> Iterable[Panel]:
        if self.found is None:
            yield Note("There is no finished evidence yet, so it is not known which events change sides.", "wait")
            return
        yield Words(listed_in_words(self.found), empty="Nothing was live before, so no decision changes.")
        yield from (Note(intent.note, "wait", intent.intent) for intent in self.found.intents if intent.note)
        yield Links([("Export CSV", self._export())])
        yield self.listing(self.found).table(empty="No event changes sides.")

    def aside(self) -> Iterable[Panel]:
        if self.evidence is not None and self.found is not None:
            yield Facts(list(self._bound_to(self.evidence)), title="By this evidence")

    def listing(self, found: Found) -> Listing:
        return Listing(
            self.request,
            decision_changes(self.evidence),
            columns_of(found, self.change),
            DecisionChangeFilters,
            _offered(found),
            typed=_typed(found),
        )

    def matching(self) -> QuerySet[DecisionChange] | None:
        """What the page lists on all of its pages together; None where the address asks for what cannot be."""
        if self.found is None:
            return decision_changes(None)
        listing = self.listing(self.found)
        return None if listing.faults else listing.matching

    @cached_property
    def _query(self) -> Mapping[str, str]:
        return {name: text for name, text in self.request.GET.dict().items() if text and name != "page"}

    def _export(self) -> str:
        there = self.at("decision_changes_export", change=self.change.number)
        return f"{there}?{urlencode(self._query)}" if self._query else there

    def _bound_to(self, evidence: Evidence) -> Iterable[tuple[str, Cell]]:
        yield "Verdict", badge(evidence.verdict)
        yield "Change request", link(f"{self.change.number}: {self.change.title}", "change", **self.kwargs)
        yield "Evidence", code(evidence.digest)
        yield "Events", several(Cell("from"), when(evidence.start), Cell("to"), when(evidence.end))


class DecisionChangeFile(DecisionChangeList):
    """The same as a CSV file, for who is logged in."""

    is_fragment = True  # a file: nothing of it is looked at here

    def get(self, request: HttpRequest, *args: object, **place: object) -> HttpResponseBase:
        self._open()
        rows = self.matching()
        if rows is None:
            return redirect(f"{self.at('decision_changes', change=self.change.number)}?{urlencode(self._query)}")
        return export(self.change, rows)


def _offered(found: Found) -> Mapping[str, Choices]:
    rows = counted(found)
    intents = sorted({intent.intent for intent, _, _ in rows})
    thresholds = list(dict.fromkeys(threshold.name for _, threshold, _ in rows))
    return {"threshold": same(thresholds), **({"intent": same(intents)} if len(intents) > 1 else {})}


def _typed(found: Found) -> Sequence[Typed]:
    """What is typed in: a context value, of which the most frequent are suggested, and amounts where there are any."""
    known = {
        f"{attribute}={group.name}"
        for intent in found.intents
        for attribute, groups in intent.by_context.items()
        for group in groups
        if group.name not in ("", "others")
    }
    context = [Typed("context", "Context", example=min(known), suggestions=sorted(known))] if known else []
    amounts = [Typed("min_amount", "Amount from", "number"), Typed("max_amount", "Amount to", "number")]
    return [*context, *(amounts if any(intent.amount for intent in found.intents) else [])]
