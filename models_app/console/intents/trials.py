"""An intent's trials: which shadows were tried beside what is live, and what came of it."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

import msgspec
from django import forms

from models_app.console.intents.base import BelowIntent
from models_app.console.ui.actions import ActionForm
from models_app.console.ui.counts import counted
from models_app.console.ui.listing import Listing
from models_app.console.ui.page import TenantPage
from models_app.console.ui.panels import Cell, Facts, Note, Panel, badge, link, when
from models_app.console.ui.schema_rows import NumberField
from models_app.console.ui.tables import Column
from models_app.statistics.trials import Found
from models_app.successors import selectors
from models_app.successors.filters import TrialFilters
from models_app.successors.models import SuccessorPolicy, Trial
from models_app.successors.policy import FIELDS, set_successor_policy
from models_app.successors.words import contest_in_words
from tenants.roles import Permission

NONE = "No shadow is tried by itself. Set a successor policy to have shadows judged, and proposed where they have won."


class SetSuccessorPolicy(ActionForm["Trials"]):
    in_dialog = prominent = True
    name, label, title, needs = "try", "Save", "Set successor policy", Permission.PROPOSE
    success = "Successor policy saved."
    hint = "You will be the author of the change requests that come of it; somebody else approves them."
    trial_days = NumberField(
        label="Trial, days",
        min_value=1,
        max_value=366,
        help_text="How long a shadow is tried before it is judged; its labels must be mature, too.",
    )
    enabled = forms.BooleanField(required=False)

    def initial_values(self) -> Mapping[str, Any]:
        policy = self.page.policy or SuccessorPolicy()
        return {name: getattr(policy, name) for name in FIELDS}

    def perform(self) -> None:
        set_successor_policy(actor=self.page.person, intent=self.page.intent, changes=self.cleaned_data)


class Trials(BelowIntent):
    """Which shadows have beaten what is live?"""

    title, actions = "Trials", (SetSuccessorPolicy,)
    intro = (
        "A shadow that has beaten what is live for its whole trial, by labels, is proposed by itself. "
        "People decide over it."
    )

    @cached_property
    def policy(self) -> SuccessorPolicy | None:
        return selectors.successor_policy_of(self.intent)

    def panels(self) -> Iterable[Panel]:
        yield Facts(_facts(self.policy)) if self.policy else Note(NONE)
        listing = Listing(self.request, selectors.trials(self.intent), _columns(self), TrialFilters)
        yield listing.table(title="Trials", empty="No trial is over so far.")


def _facts(policy: SuccessorPolicy) -> Sequence[tuple[str, Cell]]:
    days = policy.intent.label_maturity_days
    return [
        ("Trials", Cell("of every shadow" if policy.enabled else "switched off")),
        ("Length", Cell(f"{counted(policy.trial_days, 'day')}, judged {_once(days)}")),
        ("Since", when(policy.since)),
        ("Set by", Cell(policy.set_by)),
    ]


def _once(days: float) -> str:
    """When labels are mature."""
    return f"once labels are {counted(days, 'day')} old" if days else "at its end"


def _columns(page: TenantPage) -> Sequence[Column[Trial]]:
    def change(row: Trial) -> Cell:
        found = row.change_request
        if found is None:
            return Cell("–")
        return link(f"change request {found.number}", "change", tenant=page.tenant.slug, change=found.number)

    return (
        Column("shadow", "Shadow", lambda row: Cell(row.shadow.key, kind="strong")),
        Column("live", "Beside", lambda row: Cell(row.live.key)),
        Column("end", "Until", lambda row: when(row.end), sort="end"),
        Column("state", "State", lambda row: badge(row.state), sort="state"),
        Column("outcome", "Outcome", lambda row: Cell(row.outcome or "–"), sort="outcome"),
        Column("change", "Change request", change),
        Column("found", "Positive events caught", lambda row: Cell(_found(row) or "–")),
        Column("why", "Why no more", lambda row: Cell(row.error or "; ".join(row.against) or "–")),
    )


def _found(row: Trial) -> str:
    found = msgspec.convert(row.found, Found)
    return "; ".join(contest_in_words(each) for each in found.contests)
