"""What goes live by two people: one proposes it, with evidence, the other approves it. Over the API, as people do."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from muse_site.driving.client import Console, Json, path_of

_OPEN = ("draft", "in review")

ANSWER = "The events are made up or long past: nobody is attacked now."  # where risk rose


@dataclass(frozen=True)
class Proposal:
    """What is proposed for a tenant.

    `gate_reason`: why, where the gates do not all pass, in the words of both people. `window`: `as_of` and `days` of
    the events that evidence is made of; none for the days up to now.
    """

    tenant: str
    title: str
    reason: str
    gate_reason: str
    routes: Json
    window: Mapping[str, Any] | None = None


def passes(evidence: Json) -> bool:
    """Whether it may go live without a reason, of who proposes and of who approves it."""
    return evidence["verdict"] in ("pass", "repairs")


@dataclass(frozen=True)
class TwoPeople:
    """Their clients. An act that was interrupted goes on where it was, by the title of its change request."""

    author: Console
    approver: Console

    def propose(self, proposal: Proposal) -> tuple[Json, Json]:
        """A change request in review, and the evidence that it has."""
        change = self._found(proposal) or self._proposed(proposal)
        evidence = self.author.wait_for_evidence(change)
        if change["state"] == "draft":
            change = self.author.submit_change(change, "" if passes(evidence) else proposal.gate_reason)
        return change, evidence

    def publish(self, proposal: Proposal) -> tuple[int, Json]:
        """The number of the release that serves it now, and the evidence that it was approved by."""
        change, evidence = self.propose(proposal)
        words = "" if passes(evidence) else proposal.gate_reason
        answer = ANSWER if evidence["risk_rose"] else ""
        published = self.approver.approve_change(change, evidence, words, answer)
        return int(published["release"]), evidence

    def _proposed(self, proposal: Proposal) -> Json:
        change = self.author.propose_change(proposal.tenant, proposal.title, proposal.reason, proposal.routes)
        if proposal.window is not None:
            self.author.ask_evidence(change, **proposal.window)
        return change

    def _found(self, proposal: Proposal) -> Json | None:
        """One that is open still, under the same title."""
        for row in self.author.pages(f"tenants/{proposal.tenant}/changes"):
            if row["title"] == proposal.title and row["state"] in _OPEN:
                found: Json = self.author.get(path_of(row))
                return found
        return None
