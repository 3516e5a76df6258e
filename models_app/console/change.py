"""One change request: should this go live?"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

import msgspec
from django.shortcuts import get_object_or_404

from models_app.console import change_acts
from models_app.console.change_history import timeline
from models_app.console.change_words import decoded, difference_in_words, next_step, policy_in_words
from models_app.console.findings import Found, intents_of, stats, swaps, thresholds
from models_app.console.page import TenantPage
from models_app.console.parts import (
    Cell,
    Code,
    Facts,
    Figure,
    Figures,
    Letterhead,
    Links,
    Note,
    Part,
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
from models_app.evidence.figures.reading import by_chapter
from models_app.models import ChangeRequest, Evidence, Review, ReviewPolicy
from models_app.selectors import changes as selectors
from models_app.services.changes.transitions import ENDORSE, seen, why_not
from models_app.services.document_diff import diff
from scoring.models import Release
from tenants.permissions import may
from tenants.roles import Act


class ChangePage(TenantPage):
    """Should this go live? The verdict on top, then what it stands on, what changes, and what was said."""

    tab, about = "changes", "change"
    acts = (
        change_acts.Submit,
        change_acts.Approve,
        change_acts.Publish,
        change_acts.Comment,
        change_acts.Edit,
        change_acts.Recompute,
        change_acts.Refresh,
        change_acts.Reject,
        change_acts.Withdraw,
    )

    @cached_property
    def change(self) -> ChangeRequest:
        return get_object_or_404(selectors.beside_live(self.tenant), number=self.kwargs["change"])

    @cached_property
    def evidence(self) -> Evidence | None:
        return selectors.latest_evidence(self.change)

    @cached_property
    def found(self) -> Sequence[Found]:
        """What the evidence found, intent by intent."""
        return intents_of(msgspec.json.decode(self.evidence.result)) if self.evidence and self.evidence.result else []

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
        return [row for row in self.reviews if row.decision == Review.Decision.APPROVE and row.voided_at is None]

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

    @cached_property
    def why_not_approve(self) -> str:
        """Why this person cannot approve it now; empty where they can."""
        if any(row.person_id == self.person.pk for row in self.approvals):
            return "You have approved it."
        evidence = self.evidence if self.is_up_to_date else None
        return why_not(seen(self.change, self.person, self.policy, self.live, evidence), ENDORSE)

    def heading(self) -> str:
        return f"{self.change.number}: {self.change.title}"

    def badges(self) -> Sequence[Cell]:
        return (badge(self.change.state),)

    def is_busy(self) -> bool:
        return self.evidence is not None and self.evidence.state in Evidence.ACTIVE

    def live_parts(self) -> Iterable[Part]:
        yield self._letterhead()
        if self.change.failure:
            yield Note(self.change.failure, "bad", "It was rolled back by itself")
        evidence = self.evidence
        if evidence is None:
            yield Note("There is no evidence yet.", "wait")
        elif evidence.state in Evidence.ACTIVE:
            yield Progress(evidence.progress, f"Evidence {evidence.state}", log_lines(evidence.log))
        elif evidence.state == Evidence.State.SUCCEEDED:
            yield Verdict(badge(evidence.verdict), evidence.sentence)
            if self.change.state in ChangeRequest.OPEN and not self.is_up_to_date:
                words = "What is proposed or what is live has changed since: bring it up to date."
                yield Note(words, "wait", "Out of date")
            yield from stats(self.found)
            yield from thresholds(self.found)
        else:
            yield Note(evidence.error or "It was cancelled.", "bad", f"Evidence {evidence.state}")

    def parts(self) -> Iterable[Part]:
        if self.change.gate_reason:
            yield Note(self.change.gate_reason, "wait", "Why publish it though the evidence does not say “pass”")
        yield Words(self.difference, "What changes in what is served", empty="Nothing.")
        yield self._places()
        yield from swaps(self.found, self.tenant.slug)

    def below(self) -> Iterable[Part]:
        yield from self._figures()
        yield timeline(self.change, self.reviews)

    def aside(self) -> Iterable[Part]:
        change = self.change
        yield Note(next_step(self), heading="What happens next")
        if change.state == ChangeRequest.State.IN_REVIEW and self.why_not_approve:
            yield Note(self.why_not_approve, "wait", "Why you cannot approve it")
        yield from self._way_back()
        yield Facts([*self._standing(), *self._policy()])

    def _way_back(self) -> Iterable[Part]:
        """To what was live before, while this is."""
        release, before = self.change.release, self.change.based_on
        is_live = release is not None and self.live is not None and self.live.pk == release.pk
        if is_live and before is not None and may(self.person, Act.APPROVE, self.tenant):
            there = self.at("release", number=before.number)
            yield Links([(f"Roll back to release {before.number}", f"{there}#roll_back")])

    def _standing(self) -> Iterable[tuple[str, Cell]]:
        change, slug = self.change, self.tenant.slug
        yield "Why", Cell(change.reason)
        yield "Author", Cell(change.author or "the platform")
        if change.revision > 1:
            yield "Revision", Cell(f"{change.revision}, by {change.edited_by or 'the platform'}")
        yield "Proposed", when(change.created_at)
        if change.state in ChangeRequest.OPEN:
            yield "Expires", when(change.expires_at)
        elif change.decided_at:
            yield "Decided", when(change.decided_at)
        for words, release in (("Stands on", change.based_on), ("Published as", change.release)):
            if release is not None:
                yield words, link(f"release {release.number}", "release", tenant=slug, number=release.number)
        if change.based_on is None:
            yield "Stands on", Cell("nothing: nothing was live")

    def _policy(self) -> Iterable[tuple[str, Cell]]:
        given = [row for row in self.reviews if row.decision == Review.Decision.APPROVE]
        said = [f"{row.person}{'' if row.voided_at is None else ', no longer counts'}" for row in given]
        yield (
            "Approvals",
            several(
                Cell(f"{len(self.approvals)} of {self.policy.approvals_needed} needed"), *(Cell(each) for each in said)
            ),
        )
        yield (
            "Policy",
            several(Cell(policy_in_words(self.policy)), link("The policy", "policy", tenant=self.tenant.slug)),
        )

    def _letterhead(self) -> Part:
        evidence = self.evidence
        facts = [
            ("Tenant", Cell(f"{self.tenant.name} ({self.tenant.slug})")),
            ("Change request", Cell(f"{self.change.number}, revision {self.change.revision}")),
            ("Document", code(self.change.digest)),
            ("Evidence", code(evidence.digest if evidence and evidence.digest else "–")),
        ]
        return Letterhead([*facts, ("Printed by", Cell(self.person))])

    def _figures(self) -> Iterable[Part]:
        for chapter, told in by_chapter(self.evidence.figures if self.evidence else {}):
            figures = [Figure(name, figure, hint) for name, figure, hint in told]
            yield Section(chapter.name, chapter.title, [Figures(figures)])

    def _places(self) -> Part:
        """The difference place by place, for who wants it exactly."""
        before = decoded(self.change.based_on.document) if self.change.based_on else None
        after = decoded(self.change.document)
        assert after is not None
        return Code(places(diff(before, after)), "The same, place by place", folded=True)


def places(rows: Iterable[Mapping[str, Any]]) -> str:
    """Each place in the document that differs, what was there and what is."""
    return (
        "\n".join(f"{row['path']}\n    {_short(row['before'])}\n  → {_short(row['after'])}" for row in rows)
        or "Nothing."
    )


def _short(value: Any) -> str:
    text = "–" if value is None else value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return text if len(text) <= 400 else f"{text[:400]}…"
