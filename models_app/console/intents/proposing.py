"""What proposes changes of an intent by itself: its refreshes and its trials, in one shape, on its page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils import timezone

from models_app.changes.standing_approvals.selectors import approvers_for, standing_approvals, state_of
from models_app.console.intents.refreshes import SetRefreshPolicy
from models_app.console.intents.trials import SetSuccessorPolicy
from models_app.console.ui.counts import counted
from models_app.console.ui.page import TenantPage
from models_app.console.ui.panels import Cell, Panel, address, badge, link, several, when
from models_app.console.ui.tables import Column, Table
from models_app.refreshes.models import Refresh
from models_app.refreshes.schedule import next_due
from models_app.refreshes.selectors import refresh_policy_of, refreshes
from models_app.successors.models import Trial
from models_app.successors.selectors import successor_policy_of, trials
from tenants.models import Intent
from tenants.permissions import may
from tenants.roles import Permission

_HINT = "Each makes change requests with evidence on its own. People decide, unless a standing approval covers it."


@dataclass(frozen=True)
class _Proposer:
    name: str
    page: str
    act: str  # the dialog of that page that sets its policy
    schedule: str
    last: Refresh | Trial | None
    next: Cell
    does: str
    is_set: bool = True


def proposers(page: TenantPage, intent: Intent) -> Panel:
    """Refreshes and trials: when they run, what came of the last one, and what they may do."""
    place = {"tenant": intent.tenant.slug, "intent": intent.name}
    columns: list[Column[_Proposer]] = [
        Column("what", "Policy", lambda row: link(row.name, row.page, **place)),
        Column("schedule", "Schedule", lambda row: Cell(row.schedule)),
        Column("last", "Last run", lambda row: _last(row.last)),
        Column("next", "Next run", lambda row: row.next),
        Column("does", "What it may do", lambda row: Cell(row.does)),
    ]
    if may(page.person, Permission.PROPOSE, intent.tenant):
        columns.append(Column("edit", "Actions", lambda row: _to_dialog(row, address(row.page, **place))))
    return Table(columns, list(_rows(intent)), title="Automatic proposals", hint=_HINT)


def _to_dialog(row: _Proposer, page: str) -> Cell:
    return Cell("Edit" if row.is_set else "Set up", href=f"{page}#{row.act}")


def _rows(intent: Intent) -> Iterable[_Proposer]:
    yield _refreshes(intent)
    yield _trials(intent)


def _refreshes(intent: Intent) -> _Proposer:
    last = refreshes(intent).first()
    policy = last.policy if last else refresh_policy_of(intent)
    of = ("Refreshes", "refreshes", SetRefreshPolicy.name)
    if policy is None or not policy.enabled:
        return _Proposer(*of, _off(policy), last, Cell("–"), "–", policy is not None)
    due = when(next_due(policy.schedule, timezone.now()))
    does = "Propose live transforms fitted anew" + _on_its_own(intent)
    return _Proposer(*of, policy.schedule, last, due, does)


def _trials(intent: Intent) -> _Proposer:
    last = trials(intent).first()
    policy = last.policy if last else successor_policy_of(intent)
    of = ("Trials", "trials", SetSuccessorPolicy.name)
    if policy is None or not policy.enabled:
        return _Proposer(*of, _off(policy), last, Cell("–"), "–", policy is not None)
    schedule = f"after {counted(policy.trial_days, 'day')} of a shadow"
    return _Proposer(*of, schedule, last, Cell("once labels are mature"), "Propose a shadow that has won")


def _off(policy: object) -> str:
    return "not set" if policy is None else "switched off"


def _on_its_own(intent: Intent) -> str:
    """Whether refreshes go live without an approval of their own."""
    rows = list(standing_approvals(intent.tenant).filter(intent=intent, state="open"))
    approvers = approvers_for(rows)
    in_force = any(state_of(row, approvers) == "in force" for row in rows)
    return "; publish within a standing approval" if in_force else ""


def _last(row: Refresh | Trial | None) -> Cell:
    if row is None:
        return Cell("–")
    cells: Sequence[Cell] = [when(row.due), badge(row.state)]
    return several(*cells, Cell(row.outcome)) if row.outcome else several(*cells)
