"""An intent's refreshes: how often its transforms are fitted anew, and what came of it."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from django import forms
from django.utils import timezone

from models_app.console.intents.standing_approvals import ACTS, WithStandingApprovals, standing_approvals
from models_app.console.ui.actions import ActionForm
from models_app.console.ui.counts import counted
from models_app.console.ui.listing import Listing
from models_app.console.ui.page import TenantPage
from models_app.console.ui.panels import Cell, Facts, Note, Panel, badge, link, several, when
from models_app.console.ui.schema_rows import NumberField
from models_app.console.ui.tables import Column
from models_app.refreshes import selectors
from models_app.refreshes.filters import RefreshFilters
from models_app.refreshes.models import Refresh, RefreshPolicy
from models_app.refreshes.policy import FIELDS, set_refresh_policy
from models_app.refreshes.schedule import next_due
from models_app.transforms.source import LEAST_HALF_LIFE, MAX_HALF_LIFE
from tenants.roles import Permission

NONE = "Nothing is refreshed by itself. Set a refresh policy to have the live transforms fitted anew on a schedule."


class SetRefreshPolicy(ActionForm["Refreshes"]):
    in_dialog = prominent = True
    name, label, title = "plan", "Save", "Set refresh policy"
    needs, success = Permission.PROPOSE, "Refresh policy saved."
    hint = "You will be the author of the change requests that come of it; somebody else approves them."
    schedule = forms.ChoiceField(choices=RefreshPolicy.Schedule.choices, help_text="At full hours, days, … in UTC.")
    window_days = NumberField(label="Window, days", min_value=1, max_value=366, help_text="Of events before it is due.")
    half_life_days = NumberField(
        label="Half-life, days",
        required=False,
        min_value=LEAST_HALF_LIFE,
        max_value=MAX_HALF_LIFE,
        help_text="An event counts half as much as one that came so many days later. Empty: all count alike.",
    )
    enabled = forms.BooleanField(required=False)

    def initial_values(self) -> Mapping[str, Any]:
        policy = self.page.policy or RefreshPolicy()
        return {name: getattr(policy, name) for name in FIELDS}

    def perform(self) -> None:
        set_refresh_policy(actor=self.page.person, intent=self.page.intent, changes=self.cleaned_data)


class Refreshes(WithStandingApprovals):
    """How are its transforms kept fresh, and what came of it?"""

    title, actions = "Refreshes", (SetRefreshPolicy, *ACTS)
    intro = "A refresh fits what is live anew on recent events, has evidence computed, and proposes a change request."

    @cached_property
    def policy(self) -> RefreshPolicy | None:
        return selectors.refresh_policy_of(self.intent)

    def panels(self) -> Iterable[Panel]:
        yield Facts(_facts(self.policy)) if self.policy else Note(NONE)
        yield standing_approvals(self)
        listing = Listing(self.request, selectors.refreshes(self.intent), _columns(self), RefreshFilters)
        yield listing.table(title="Refreshes", empty="No refresh was due so far.")


def _facts(policy: RefreshPolicy) -> Sequence[tuple[str, Cell]]:
    half_life = policy.half_life_days
    return [
        ("Schedule", Cell(policy.schedule if policy.enabled else f"{policy.schedule}, switched off")),
        ("Next due", when(next_due(policy.schedule, timezone.now())) if policy.enabled else Cell("–")),
        ("Window", Cell(f"the {counted(policy.window_days, 'day')} before")),
        ("Half-life", Cell("none: all events count alike" if half_life is None else counted(half_life, "day"))),
        ("Set by", Cell(policy.set_by)),
    ]


def _columns(page: TenantPage) -> Sequence[Column[Refresh]]:
    def change(row: Refresh) -> Cell:
        found = row.change_request
        if found is None:
            return Cell("–")
        return link(f"change request {found.number}", "change", tenant=page.tenant.slug, change=found.number)

    def why(row: Refresh) -> Cell:
        """What stood against it; incidents as links."""
        if not row.held_back_by:
            return Cell(row.error or "; ".join(row.refused) or "–")
        named = zip(row.held_back_by, row.refused, strict=True)
        return several(*(link(text, "incident", tenant=page.tenant.slug, incident=pk) for pk, text in named))

    return (
        Column("due", "Due", lambda row: when(row.due), sort="due"),
        Column("state", "State", lambda row: badge(row.state), sort="state"),
        Column("outcome", "Outcome", lambda row: Cell(row.outcome or "–"), sort="outcome"),
        Column("change", "Change request", change),
        Column("why", "Why not live", why),
    )
