"""One replacement: which tenants pass, which fail, and why?"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

import msgspec
from django import forms
from django.shortcuts import get_object_or_404

from models_app.changes.evidence.models import Evidence
from models_app.changes.models import ChangeRequest
from models_app.console.ui.actions import ActionForm
from models_app.console.ui.counts import counted
from models_app.console.ui.listing import Listing
from models_app.console.ui.page import SharedPage
from models_app.console.ui.panels import (
    Cell,
    Facts,
    Note,
    Panel,
    Progress,
    Stat,
    Stats,
    Verdict,
    Words,
    address,
    badge,
    link,
    several,
    when,
)
from models_app.console.ui.tables import Column
from models_app.replacements import selectors, services
from models_app.replacements.at_once import FALSE_DISCOVERIES, AtOnce, at_once
from models_app.replacements.bulk_approval import Approved, Seen, approve_passing
from models_app.replacements.filters import LineFilters
from models_app.statistics.evidence.gates import Reason
from models_app.statistics.evidence.stored import read_verdict
from tenants.permissions import may
from tenants.refusals import Conflict
from tenants.roles import Permission

FEW = 10  # of those that do not pass, which the dialog names
State = ChangeRequest.State
_FROM = {"either": "recorded scores, else a replay", "recorded": "recorded scores", "replay": "a replay"}
_SHOWN = {
    "pass": "Pass",
    "repairs": "Repairs",
    "fail": "Fail",
    "not enough events": "Not enough events",
    "failed": "Could not be done",
}

# Of one tenant, and of several.
_SAID = {
    "pass": ("passes", "pass"),
    "repairs": ("repairs what has drifted", "repair what has drifted"),
    "fail": ("fails", "fail"),
    "not enough events": ("has too few events to tell", "have too few events to tell"),
    "failed": ("could not be done", "could not be done"),
    "cancelled": ("was cancelled", "were cancelled"),
}

# Of a threshold's alerts.
_IN_COMMON = {
    Reason.OFF: "would be off the target",
    Reason.BEYOND: "would move too far",
    Reason.SEGMENT: "would move between segments",
    Reason.WORSE: "would catch less of labelled fraud, or may",
    Reason.TOO_FEW: "are too few to tell",
    Reason.NO_ALERT: "are none, before or after",
    Reason.NO_TARGET: "have no target to be held against",
}


class ApproveAll(ActionForm["ReplacementPage"]):
    in_dialog = prominent = True
    name, label, title, needs = "approve", "Approve all that pass", "Approve all that pass", Permission.APPROVE
    hint = "Each approval is for the document and the evidence that this page shows. Later changes are left out."
    success = ""
    seen = forms.CharField(widget=forms.HiddenInput)
    text = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 2}), label="Comment")

    def initial_values(self) -> Mapping[str, Any]:
        return {"seen": json.dumps([_seen(line) for line in self.page.passing])}

    def is_offered(self) -> bool:
        return super().is_offered() and not self.page.is_own and bool(self.page.passing)

    def preview(self) -> Iterable[Panel]:
        """What goes live, tenant by tenant, and who is left out for what."""
        passing, key = self.page.passing, self.page.replacement.predictor.key
        intro = f"Approved for {_tenants(len(passing))}, where {key} goes live as soon as the tenant's policy allows:"
        yield Words([f"{line.tenant.name}: {line.sentence}" for line in passing], intro=intro)
        yield from _left_out([line for line in self.page.lines if line.outcome not in Evidence.GOOD], "do not pass")
        rose = [line for line in self.page.lines if line.outcome in Evidence.GOOD and line.risk_rose]
        yield from _left_out(rose, "need a written answer to the risk that rose, each on its own page")
        yield from _left_out(self.page.unclear, "pass too unclearly among so many tenants, and are approved one by one")
        if self.page.at_once.judged > 1:
            yield Note(_by_chance(self.page.at_once), heading="By chance")

    def clean_seen(self) -> list[Seen]:
        try:
            return msgspec.json.decode(self.cleaned_data["seen"], type=list[Seen])
        except (msgspec.DecodeError, RecursionError):
            raise forms.ValidationError("expected what this page shows; open it again") from None

    def perform(self) -> None:
        page, data = self.page, self.cleaned_data
        done = approve_passing(actor=page.person, replacement=page.replacement, seen=data["seen"], text=data["text"])
        approved = sum(each.refusal is None for each in done)
        if not approved:
            raise Conflict(f"none was approved: {_refused(done)}")
        page.tell(f"{approved:,} approved. {_refused(done)}")


def _left_out(lines: Sequence[Any], because: str) -> Iterable[Panel]:
    if lines:
        more = [f"and {len(lines) - FEW:,} more"] if len(lines) > FEW else []
        lines_left = [f"{line.tenant.name}, {line.outcome}: {_why_not(line)}" for line in lines[:FEW]]
        yield Words([*lines_left, *more], intro=f"Left out, for they {because}: {_tenants(len(lines))}")


def _seen(line: Any) -> dict[str, str]:
    """What an approval of this line is bound to."""
    digests = {"document_digest": line.change_request.digest, "evidence_digest": line.evidence_digest}
    return {"tenant": line.tenant.slug, **digests}


def _refused(done: Sequence[Approved]) -> str:
    refused = [f"{each.tenant}: {each.detail}" for each in done if each.refusal]
    more = f" and {len(refused) - 5} more" if len(refused) > 5 else ""
    return f"{len(refused)} left out: {'; '.join(refused[:5])}{more}" if refused else ""


class CancelReplacement(ActionForm["ReplacementPage"]):
    in_dialog = True
    name, label, title, needs, danger = "cancel", "Cancel replacement", "Cancel replacement", Permission.PROPOSE, True
    hint = "Change requests that were created already stay."
    warning, success = "Cancel what has not finished?", "Replacement cancelled."
    way_out = "Keep it running"

    def is_offered(self) -> bool:
        return super().is_offered() and self.page.is_busy()

    def perform(self) -> None:
        services.cancel_replacement(actor=self.page.person, replacement=self.page.replacement)


class ReplacementPage(SharedPage):
    """How many pass on top, why the others do not, then tenant by tenant."""

    subject, actions = "replacement", (ApproveAll, CancelReplacement)

    @cached_property
    def replacement(self) -> Any:
        """Return the replacement with the counts that its query annotates."""
        return get_object_or_404(selectors.replacements(), pk=self.kwargs["proposal"])

    @cached_property
    def lines(self) -> list[Any]:
        return list(selectors.lines(self.replacement).prefetch_related(None))

    @cached_property
    def passing(self) -> list[Any]:
        """Return the lines that pass clearly enough, and wait for review."""
        clear = [line for line in self.waiting if line.tenant.slug not in self.at_once.unclear]
        return [line for line in clear if line.outcome in Evidence.GOOD and not line.risk_rose]

    @property
    def waiting(self) -> list[Any]:
        return [line for line in self.lines if line.change_request and line.change_request.state == State.IN_REVIEW]

    @cached_property
    def at_once(self) -> AtOnce:
        return at_once(selectors.judged(self.replacement))

    @property
    def unclear(self) -> list[Any]:
        return [line for line in self.waiting if line.tenant.slug in self.at_once.unclear]

    @property
    def is_own(self) -> bool:
        return bool(self.replacement.author_id == self.person.pk)

    def heading(self) -> str:
        return str(self.replacement.title)

    def breadcrumbs(self) -> Sequence[tuple[str, str]]:
        return (("Replacements", address("replacements")),)

    def is_busy(self) -> bool:
        return bool(self.replacement.done < self.replacement.total)

    def live_panels(self) -> Iterable[Panel]:
        found, counts = self.replacement, Counter(line.outcome for line in self.lines)
        if self.is_busy():
            yield Progress(found.done / found.total, f"{found.done:,} of {found.total:,} tenants")
        yield Verdict(badge(self._state(counts)), self._sentence(counts))
        stats = [Stat(words, self._count(outcome, counts[outcome])) for outcome, words in _SHOWN.items()]
        yield Stats([*stats, Stat("Live", Cell(f"{found.live:,}"), f"of {found.total:,}")])

    def panels(self) -> Iterable[Panel]:
        reasons = Counter(
            _reason(line) for line in self.lines if line.outcome in _SHOWN and line.outcome not in Evidence.GOOD
        )
        if self.at_once.judged > 1:
            yield Note(_by_chance(self.at_once), heading="By chance")
        if reasons:
            reasons_in_words = [f"{_tenants(count)}: {reason}" for reason, count in reasons.most_common(8)]
            yield Words(reasons_in_words, "Reasons for not passing")
        rows = selectors.lines(self.replacement)
        yield Listing(self.request, rows, LINES, LineFilters).table(empty="No tenants.")

    def aside(self) -> Iterable[Panel]:
        found = self.replacement
        if self.is_own and self.passing and may(self.person, Permission.APPROVE):
            yield Note("You proposed it, so another person approves it.", "wait", "Why you cannot approve this")
        yield Facts(
            [
                ("Reason", Cell(found.reason)),
                ("Replaces", link(found.replaced.key, "predictor", **_key(found.replaced))),
                ("Predictor", link(found.predictor.key, "predictor", **_key(found.predictor))),
                ("Source", Cell(f"{_FROM[found.source['kind']]}, of {counted(found.source['days'], 'day')}")),
                ("Author", Cell(found.author or "the platform")),
                ("Created", when(found.created_at)),
                *([("Cancelled", when(found.cancelled_at))] if found.cancelled_at else []),
            ]
        )

    def _count(self, outcome: str, count: int) -> Cell:
        """Show a count as a link to its lines, where there are any."""
        return Cell(f"{count:,}", href=f"?outcome={outcome.replace(' ', '+')}" if count else "")

    def _state(self, counts: Counter[str]) -> str:
        if self.is_busy():
            return "running"
        good = sum(counts[verdict] for verdict in Evidence.GOOD)
        return "pass" if good == len(self.lines) else "some pass" if good else "none passes"

    def _sentence(self, counts: Counter[str]) -> str:
        parts = [f"{counts[each]:,} {words[counts[each] > 1]}" for each, words in _SAID.items() if counts[each]]
        if self.is_busy():
            so_far = f"; so far {', '.join(parts)}" if parts else ""
            done = f"{self.replacement.done:,} of {_tenants(self.replacement.total)} are done"
            return f"{done}{so_far}. You may leave this page."
        return f"Of {_tenants(self.replacement.total)}, {', '.join(parts)}."


def _key(predictor: Any) -> dict[str, Any]:
    return {"name": predictor.name, "version": predictor.version}


def _change(line: Any) -> Cell:
    change = line.change_request
    if change is None:
        return Cell("–")
    there = link(f"change request {change.number}", "change", tenant=line.tenant.slug, change=change.number)
    return several(there, badge(change.state))


def _outcome(line: Any) -> Cell:
    return several(badge(line.outcome), badge("risk rose")) if line.risk_rose else badge(line.outcome)


LINES: Sequence[Column[Any]] = (
    Column("tenant", "Tenant", lambda line: link(line.tenant.name, "tenant", tenant=line.tenant.slug), "tenant__name"),
    Column("outcome", "Outcome", _outcome, sort="outcome"),
    Column("change-request", "Change request", _change),
    Column("sentence", "Result", lambda line: Cell(line.error or line.sentence or "–")),
)


def _why_not(line: Any) -> str:
    return line.error or line.sentence or "not done yet"


def _reason(line: Any) -> str:
    """What lines can have in common: the threshold that decides and why, or the error."""
    verdict = None if line.error else read_verdict(line.verdict_details)
    if verdict is None or verdict.threshold is None or verdict.reason not in _IN_COMMON:
        return str(_why_not(line))[:200]
    return f"Alerts at ‘{verdict.threshold.name}’ {_IN_COMMON[verdict.reason]}"


def _by_chance(found: AtOnce) -> str:
    """As `Were each of 300 tenants at its tolerance's edge, 7.1 would pass by chance. …`."""
    edge = f"Were each of {_tenants(found.judged)} at its tolerance’s edge, {found.by_chance:.2g} would pass by chance."
    kept = f"What is approved in bulk keeps those beyond tolerance to {100 * FALSE_DISCOVERIES:g} % of it, as expected"
    few = len(found.unclear)
    left = f"; {_tenants(few)} that may pass by chance {'is' if few == 1 else 'are'} left out" if few else ""
    return f"{edge} {kept}{left}."


def _tenants(count: int) -> str:
    return "1 tenant" if count == 1 else f"{count:,} tenants"
