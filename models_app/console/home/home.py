"""Home: what needs this person?"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import islice
from typing import Any

from models_app.changes import waiting
from models_app.changes.evidence.models import Evidence
from models_app.changes.models import ChangeRequest
from models_app.changes.policy_changes.models import PolicyChange
from models_app.changes.policy_changes.selectors import waiting_for
from models_app.changes.policy_changes.words import differences, what
from models_app.console.changes.changes import evidence_badge
from models_app.console.home.onboarding import first_day
from models_app.console.home.recent_problems import Troubles
from models_app.console.ui.page import Page
from models_app.console.ui.panels import (
    Cell,
    Links,
    Note,
    Panel,
    Stat,
    Stats,
    address,
    badge,
    link,
    number,
    scale,
    several,
    when,
)
from models_app.console.ui.sparklines import Spark
from models_app.console.ui.tables import Column, Table
from models_app.monitoring import alert_rates, attention, traffic
from models_app.transforms.models import Fit
from tenants.models import Tenant
from tenants.permissions import may
from tenants.roles import Permission

MOST = 8
_COUNTED = "Counted by when events occurred (UTC), as evidence counts them, today included."
_AT_WORK = (*Fit.ACTIVE, *Evidence.ACTIVE)


class Home(Page):
    title = "Home"

    @cached_property
    def tenants(self) -> Mapping[int, Tenant]:
        return {tenant.pk: tenant for tenant in Tenant.objects.select_related("review_policy")}

    @cached_property
    def day(self) -> traffic.Day:
        return traffic.last_day(self.tenants, MOST)

    @cached_property
    def rates(self) -> list[alert_rates.AlertRate]:
        return alert_rates.of_week(self.tenants.values())

    @cached_property
    def off(self) -> list[alert_rates.AlertRate]:
        return sorted((rate for rate in self.rates if rate.is_off), key=lambda rate: -abs(rate.off_by))

    @cached_property
    def waiting(self) -> list[ChangeRequest]:
        """What this person may decide on now, the first to expire on top; one more than is shown."""
        return list(islice(waiting.waiting_for(self.person, self.tenants.values()), MOST + 1))

    @cached_property
    def policy_changes(self) -> list[PolicyChange]:
        """What decides over change requests and waits for this person as the second; one more than is shown."""
        return list(waiting_for(self.person, self.tenants.values())[: MOST + 1])

    @cached_property
    def troubles(self) -> Troubles:
        return Troubles(self.person, {tenant.slug: tenant for tenant in self.tenants.values()})

    def panels(self) -> Iterable[Panel]:
        if not self.tenants and not may(self.person, Permission.MANAGE_PLATFORM):
            yield Note("You have no role in a tenant yet. Ask an admin for one.", heading="Welcome to MUSE")
            return
        if not self.day.events:
            yield from first_day(self.person, list(self.tenants.values()))
        if self.tenants:
            yield self._in_numbers()
            yield self._waiting()
            yield from self._policy_changes()
            yield from self.troubles.panels()
            yield from self._off()
            yield from self._traffic()
            yield self._under_way()

    def _in_numbers(self) -> Panel:
        return Stats(
            [
                Stat("Awaiting your decision", Cell(_many(self.waiting)), "change requests"),
                Stat("Issues", Cell(str(self.troubles.count)), "in the last days"),
                Stat("Alert rates off target", number(len(self.off)), f"of {len(self.rates):,}, over 7 days"),
                Stat("Events scored, 24 h", number(self.day.events), _of_day(self.day)),
            ]
        )

    def _waiting(self) -> Panel:
        return Table(
            WAITING,
            self.waiting[:MOST],
            title="Awaiting your decision",
            hint="There are more; these expire first." if len(self.waiting) > MOST else "",
            empty="Nothing to decide.",
            next_link=("All change requests", address("all_changes")),
        )

    def _policy_changes(self) -> Iterable[Panel]:
        if self.policy_changes:
            yield Table(
                POLICY_CHANGES,
                self.policy_changes[:MOST],
                title="Policy changes that wait for a second person",
                hint="There are more; these are the oldest." if len(self.policy_changes) > MOST else "",
                empty="",
            )

    def _off(self) -> Iterable[Panel]:
        if self.rates and not self.off:
            text = f"All {len(self.rates):,} alert rates of the last 7 days are within their tenants' tolerance."
            yield Note(f"{text} {_COUNTED}", "good", "Alert rates on target")
        if not self.off:
            return
        columns: Sequence[Column[alert_rates.AlertRate]] = (
            *self._places(),
            Column("threshold", "Threshold", lambda rate: Cell(rate.threshold)),
            Column("rate", "Last 7 days", lambda rate: scale(rate, rate.target)),
            Column("off-by", "Deviation", lambda rate: Cell(f"{100 * rate.off_by:+,.3g} %", kind="number")),
        )
        yield Table(
            columns,
            self.off[:MOST],
            title=f"Alert rates off target: {len(self.off):,} of {len(self.rates):,}",
            hint=f"{_COUNTED} The whole 95 % interval, with what days differ by, is outside the tenant's tolerance.",
        )
        if len(self.off) > MOST:
            yield Links([(f"All {len(self.off):,}", f"{address('intents')}?alerts=off")])

    def _traffic(self) -> Iterable[Panel]:
        columns: Sequence[Column[Any]] = (
            *self._places(),
            Column("events", "Events", lambda row: number(row.events)),
            Column("by-hour", "By hour", _by_hour),
        )
        yield Table(
            columns,
            self.day.busiest,
            title="Traffic in the last 24 hours, by when events were scored",
            empty="No event was scored in the last 24 hours.",
        )
        if self.day.intents > MOST:
            yield Links([(f"All {self.day.intents:,} intents", f"{address('intents')}?sort=-events")])

    def _places(self) -> Sequence[Column[Any]]:
        """The columns of the intent and its tenant, for rows that name both."""
        return (
            Column("intent", "Intent", self._intent),
            Column("tenant", "Tenant", lambda row: Cell(self.tenants[row.tenant].name)),
        )

    def _intent(self, row: Any) -> Cell:
        return link(row.intent, "intent", tenant=self.tenants[row.tenant].slug, intent=row.intent)

    def _under_way(self) -> Panel:
        names = {tenant.slug: tenant.name for tenant in self.tenants.values()}
        columns: Sequence[Column[attention.Matter]] = (
            Column("work", "Work", _page_of),
            Column("tenant", "Tenant", lambda row: Cell(names.get(row.tenant_slug, row.tenant_slug))),
            Column("state", "State", lambda row: badge(row.details)),
            Column("progress", "Progress", _progress),
            Column("asked-for", "Requested", lambda row: when(row.at)),
        )
        return Table(
            columns,
            attention.under_way(self.person, MOST),
            title="My work",
            empty="You have no work in progress. Start a fit or a change request from a tenant's intent.",
        )


WAITING: Sequence[Column[ChangeRequest]] = (
    Column(
        "change-request",
        "Change request",
        lambda row: link(row.title, "change", tenant=row.tenant.slug, change=row.number),
    ),
    Column("tenant", "Tenant", lambda row: Cell(row.tenant.name)),
    Column("verdict", "Verdict", evidence_badge),
    Column("sentence", "Summary", lambda row: Cell(getattr(row, "sentence", None) or "–")),
    Column("submitted", "In review since", lambda row: when(row.submitted_at)),
    Column("expires", "Expires", lambda row: when(row.expires_at)),
)


def _where(row: PolicyChange) -> Cell:
    """The policy change, with the page on which it is agreed to."""
    words = f"{row.number}: {what(row)}"
    return link(words, "policy", tenant=row.tenant.slug) if row.tenant else link(words, "people")


POLICY_CHANGES: Sequence[Column[PolicyChange]] = (
    Column("policy-change", "Policy change", _where),
    Column("tenant", "Tenant", lambda row: Cell(row.tenant.name if row.tenant else "The platform")),
    Column("change", "Change", lambda row: several(*map(Cell, differences(row)))),
    Column("reason", "Reason", lambda row: Cell(row.reason)),
    Column("author", "Author", lambda row: Cell(row.author)),
    Column("since", "Since", lambda row: when(row.created_at)),
)


def _by_hour(row: Any) -> Cell:
    return Cell(Spark(row.by_hour, f"{row.events:,} events over 24 hours"), kind="spark")


def _progress(row: attention.Matter) -> Cell:
    return Cell(round(100 * row.share), kind="progress") if row.details in _AT_WORK else Cell("–")


def _page_of(row: attention.Matter) -> Cell:
    if row.kind == "fit":
        return link(f"Fit {row.number} of {row.title}", "fit", tenant=row.tenant_slug, fit=row.number)
    return link(f"Evidence for {row.title}", "change", tenant=row.tenant_slug, change=row.number)


def _of_day(day: traffic.Day) -> str:
    late = f"; {day.late:,} had occurred more than an hour before" if day.late else ""
    return f"of {day.intents:,} intents{late}"


def _many(rows: list[ChangeRequest]) -> str:
    return f"more than {MOST}" if len(rows) > MOST else str(len(rows))
