"""One change request: should this go live?"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from models_app.changes.decision_changes.selectors import farthest
from models_app.changes.evidence.models import Evidence
from models_app.changes.models import ChangeRequest, Review
from models_app.changes.second_factor import is_lacking
from models_app.changes.selectors import policy_changes
from models_app.console.changes.actions import (
    Approve,
    ApproveAnyway,
    Comment,
    Edit,
    Publish,
    Recompute,
    Refresh,
    Reject,
    Submit,
    Withdraw,
)
from models_app.console.changes.base import BaseChangePage
from models_app.console.changes.decision import decision
from models_app.console.changes.decision_changes import FEW, in_short
from models_app.console.changes.findings import examined, thresholds
from models_app.console.changes.history import timeline
from models_app.console.changes.performance import performance
from models_app.console.changes.risk import risk_rose, risk_tables
from models_app.console.changes.segments import all_segments
from models_app.console.changes.wording import next_step, policy_change, policy_in_words
from models_app.console.releases.difference import decoded
from models_app.console.ui.page import prove
from models_app.console.ui.panels import (
    Cell,
    Code,
    Facts,
    Figure,
    Figures,
    Letterhead,
    Links,
    Note,
    Panel,
    Progress,
    Section,
    Verdict,
    Words,
    badge,
    code,
    link,
    log_lines,
    several,
    when,
)
from models_app.figures.evidence.reading import LABELS, by_chapter
from models_app.releases.diff import diff
from models_app.statistics.evidence import Found
from tenants.permissions import may
from tenants.roles import Permission

_DECIDED_ON = (ChangeRequest.State.IN_REVIEW, ChangeRequest.State.APPROVED)


class ChangePage(BaseChangePage):
    """Should this go live? The verdict on top, then what it stands on, what changes, and what was said."""

    actions = (
        Submit,
        Approve,
        ApproveAnyway,
        Publish,
        Reject,
        Comment,
        Edit,
        Recompute,
        Refresh,
        Withdraw,
    )

    def heading(self) -> str:
        return f"{self.change.number}: {self.change.title}"

    def badges(self) -> Sequence[Cell]:
        return (badge(self.change.state),)

    def is_busy(self) -> bool:
        return self.evidence is not None and self.evidence.state in Evidence.ACTIVE

    def live_panels(self) -> Iterable[Panel]:
        yield self._letterhead()
        if self.change.failure:
            yield Note(self.change.failure, "bad", "Rolled back automatically")
        evidence = self.evidence
        if evidence is None:
            yield Note("There is no evidence yet.", "wait")
        elif evidence.state in Evidence.ACTIVE:
            yield Progress(evidence.progress, f"Evidence {evidence.state}", log_lines(evidence.log))
        elif evidence.state == Evidence.State.SUCCEEDED:
            yield Verdict(badge(evidence.verdict), evidence.sentence)
            if self.change.state in ChangeRequest.OPEN and not self.is_up_to_date:
                words = "The proposal or the live release has changed since. Rebase it."
                yield Note(words, "wait", "Out of date")
            if self.found is not None:
                yield from decision(self.found)
                yield from risk_rose(self.found.verdict)
                yield from thresholds(self.found.intents)
                yield from examined(self.found)
        else:
            yield Note(evidence.error or "The evidence was cancelled.", "bad", f"Evidence {evidence.state}")

    def panels(self) -> Iterable[Panel]:
        if moved := [policy_change(entry) for entry in policy_changes(self.change)]:
            yield Words(moved, "The review policy was changed after this was proposed")
        if self.change.gate_reason:
            yield Note(self.change.gate_reason, "wait", "Override justification")
        yield Words(self.difference, "Configuration changes", empty="None.")
        yield self._places()
        if self.found is not None:
            yield from all_segments(self.found.intents)
            yield from self._decision_changes(self.found)
            yield from risk_tables(self.found.intents)

    def _decision_changes(self, found: Found) -> Iterable[Panel]:
        assert self.evidence is not None
        yield from in_short(found, farthest(self.evidence, FEW), self.change)

    def below(self) -> Iterable[Panel]:
        yield from self._figures()
        yield timeline(self.change, self.reviews)

    def aside(self) -> Iterable[Panel]:
        change = self.change
        yield Note(next_step(self), heading="Next step")
        if change.state == ChangeRequest.State.IN_REVIEW and self.why_not_approve:
            yield Note(self.why_not_approve, "wait", "Why you cannot approve this")
        yield from self._second_factor()
        yield from self._way_back()
        yield Facts([*self._standing(), *self._policy()])

    def _second_factor(self) -> Iterable[Panel]:
        """The link by which who may decide shows what the policy asks for, before they have written why."""
        decides = self.change.state in _DECIDED_ON and may(self.person, Permission.APPROVE, self.tenant)
        if decides and is_lacking(self.policy):
            yield Links([("Show your second factor", prove(self.request.get_full_path()))])

    def _way_back(self) -> Iterable[Panel]:
        """The link that rolls back to the release before this one, while this one is live."""
        release, before = self.change.release, self.change.based_on
        is_live = release is not None and self.live is not None and self.live.pk == release.pk
        if is_live and before is not None and may(self.person, Permission.APPROVE, self.tenant):
            there = self.at("release", number=before.number)
            yield Links([(f"Roll back to release {before.number}", f"{there}#roll_back")])

    def _standing(self) -> Iterable[tuple[str, Cell]]:
        change, slug = self.change, self.tenant.slug
        yield "Reason", Cell(change.reason)
        yield "Author", Cell(change.author or "the platform")
        if change.revision > 1:
            yield "Revision", Cell(f"{change.revision}, by {change.edited_by or 'the platform'}")
        yield "Proposed", when(change.created_at)
        if change.state in ChangeRequest.OPEN:
            yield "Expires", when(change.expires_at)
        elif change.decided_at:
            yield "Decided", when(change.decided_at)
        for words, release in (("Base release", change.based_on), ("Published as", change.release)):
            if release is not None:
                yield words, link(f"release {release.number}", "release", tenant=slug, number=release.number)
        if change.based_on is None:
            yield "Base release", Cell("none: nothing was live")

    def _policy(self) -> Iterable[tuple[str, Cell]]:
        consents = [row for row in self.reviews if row.decision == Review.Decision.APPROVE]
        names = [_standing_of(row, self.lapsed.get(row.pk, "")) for row in consents]
        yield (
            "Approvals",
            several(
                Cell(f"{len(self.approvals)} of {self.policy.approvals_needed} needed"), *(Cell(each) for each in names)
            ),
        )
        yield (
            "Policy",
            several(Cell(policy_in_words(self.policy)), link("Review policy", "policy", tenant=self.tenant.slug)),
        )

    def _letterhead(self) -> Panel:
        evidence = self.evidence
        facts = [
            ("Tenant", Cell(f"{self.tenant.name} ({self.tenant.slug})")),
            ("Change request", Cell(f"{self.change.number}, revision {self.change.revision}")),
            ("Document", code(self.change.digest)),
            ("Evidence", code(evidence.digest if evidence and evidence.digest else "–")),
        ]
        return Letterhead([*facts, ("Printed by", Cell(self.person))])

    def _figures(self) -> Iterable[Panel]:
        """What is known of performance stands in its chapter, which is there without a figure too."""
        panels = list(performance(self.found.intents)) if self.found else []
        for chapter, entries in by_chapter(self.evidence.figures if self.evidence else {}):
            figures: Panel = Figures([Figure(name, figure, hint) for name, figure, hint in entries])
            before, panels = (panels, []) if chapter == LABELS else ([], panels)
            yield Section(chapter.name, chapter.title, [*before, figures])
        if panels:
            yield Section(LABELS.name, LABELS.title, panels)

    def _places(self) -> Panel:
        """The exact difference of the two documents, one row for each path."""
        before = decoded(self.change.based_on.document) if self.change.based_on else None
        after = decoded(self.change.document)
        assert after is not None
        return Code(places(diff(before, after)), "Raw diff", folded=True)


def _standing_of(row: Review, lapsed: str) -> str:
    """Whose approval it is, and what it counts for."""
    if row.voided_at is not None:
        return f"{row.person}, voided"
    return f"counts no more: {lapsed}" if lapsed else str(row.person)


def places(rows: Iterable[Mapping[str, Any]]) -> str:
    """Each place in the document that differs, what was there and what is."""
    return (
        "\n".join(f"{row['path']}\n    {_short(row['before'])}\n  → {_short(row['after'])}" for row in rows)
        or "Nothing."
    )


def _short(value: Any) -> str:
    text = "–" if value is None else value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return text if len(text) <= 400 else f"{text[:400]}…"
