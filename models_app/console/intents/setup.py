"""From an intent to its first score, step by step: it can be left, and taken up where it was."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

from models_app.changes.models import ChangeRequest
from models_app.console.intents.base import BelowIntent
from models_app.console.intents.curl_example import call
from models_app.console.people.keys import CreateKey
from models_app.console.ui.credentials import CredentialsPage, living
from models_app.console.ui.panels import Code, Note, Panel, Step, Steps
from models_app.transforms.models import Transform
from scoring import releases
from scoring.engine import document as documents
from scoring.models import HourStatistics
from tenants import selectors

_WAITS: dict[str, str] = {
    ChangeRequest.State.DRAFT: "is a draft: its author has to submit it for review",
    ChangeRequest.State.IN_REVIEW: "is in review: it waits for an approver who did not write it",
    ChangeRequest.State.APPROVED: "is approved: somebody who may publish it has to",
}


class IntentSetup(CredentialsPage, BelowIntent):
    """What is left to do until its client gets scores? Everything is read off what is there, nothing is kept of it."""

    actions = (CreateKey,)
    intro = "The steps until the client gets scores. You may leave this page and come back."

    def heading(self) -> str:
        return f"Set up {self.intent.name}"

    @cached_property
    def is_served(self) -> bool:
        current = releases.current(self.tenant)
        return current is not None and self.intent.name in documents.decode(current.document).intents

    @cached_property
    def has_scored(self) -> bool:
        return HourStatistics.objects.filter(tenant=self.tenant, intent=self.intent.name).exists()

    @cached_property
    def has_transform(self) -> bool:
        return Transform.objects.filter(tenant=self.tenant, intent=self.intent).exists()

    @cached_property
    def has_key(self) -> bool:
        """Tell whether the tenant has a key that may score now."""
        keys = selectors.api_keys(self.tenant).filter(scopes__contains=["score"])
        return bool(self.secret) or any(living(keys))

    @cached_property
    def proposed(self) -> ChangeRequest | None:
        """The newest open change request that serves it."""
        rows = ChangeRequest.objects.filter(tenant=self.tenant, state__in=ChangeRequest.OPEN)
        return rows.filter(routes__has_key=self.intent.name).only("tenant_id", "number", "state").first()

    def is_busy(self) -> bool:
        """Tell whether to refresh until the first event comes; not while a new key is shown, which would vanish."""
        return self.is_served and self.has_key and not self.has_scored and not self.secret

    def live_panels(self) -> Iterable[Panel]:
        done = [is_done for _, _, _, is_done in self._steps()]
        here = done.index(False) if False in done else -1
        steps = [Step(*step, is_here=place == here) for place, step in enumerate(self._steps())]
        yield Steps(steps, f"{sum(done)} of {len(done)} steps")
        if self.has_scored:
            yield Note("Its first events have been scored.", "good", "Setup complete")

    def panels(self) -> Iterable[Panel]:
        yield from self.once("The new key")
        if not self.is_served:
            yield Note(
                "Until a release serves the intent, this request is answered with 404.", "wait", "Not served yet"
            )
        key: Any = {"key": self.secret} if self.secret else {}
        yield Code(call(self.request.get_host(), self.intent, **key), "Example request")

    def _steps(self) -> Sequence[tuple[str, str, str, bool]]:
        """Words, what is to be done, where, and whether it is."""
        intent, of = self.intent, f"?intent={self.intent.name}"
        change = self.at("change_intent", intent=intent.name)
        return (
            ("Request schema", f"{len(intent.features)} features, {len(intent.context)} for routing.", change, True),
            ("Thresholds", "The scores that the client compares with.", change, bool(intent.thresholds)),
            ("A transform", *self._transform(of), self.has_transform),
            ("A release", *self._release(of), self.is_served),
            (
                "A key",
                "“New key” above creates one; the example request below then has it.",
                self.at("keys"),
                self.has_key,
            ),
            ("The first event", self._first(), self.at("events") + of, self.has_scored),
        )

    def _transform(self, of: str) -> tuple[str, str]:
        if self.has_transform:
            return "A transform exists.", self.at("transforms") + of
        return (
            "Create a default transform from other tenants or validation scores, or fit one on recorded events.",
            f"{self.at('transforms')}{of}#cold_start",
        )

    def _release(self, of: str) -> tuple[str, str]:
        if self.is_served or self.proposed is None:
            sentence = "The intent is live." if self.is_served else "Make a change request; another person approves it."
            return sentence, self.at("releases") if self.is_served else self.at("new_change") + of
        change = self.proposed
        sentence = f"Change request {change.number} {_WAITS[change.state]}."
        return sentence, self.at("change", change=change.number)

    def _first(self) -> str:
        if self.has_scored:
            return "See it in the explorer."
        return (
            "Waiting for the first event; this page refreshes itself."
            if self.is_busy()
            else "After a release and a key."
        )
