"""Home: what needs this person?"""

from collections.abc import Iterable, Mapping
from functools import cached_property

from django.db.models import OuterRef, Subquery

from models_app.changes import selectors
from models_app.changes.evidence.models import Evidence
from models_app.changes.models import ChangeRequest
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
    Table,
    address,
    badge,
    link,
    number,
    scale,
    when,
)
from models_app.console.ui.sparklines import Spark
from models_app.monitoring import attention, traffic
from models_app.transforms.models import Fit
from tenants.models import Tenant
from tenants.permissions import may
from tenants.roles import Act

MOST = 8
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
    def rates(self) -> list[traffic.AlertRate]:
        return traffic.alert_rates(self.tenants.values()) if self.day.events else []

    @cached_property
    def off(self) -> list[traffic.AlertRate]:
        return sorted((rate for rate in self.rates if rate.is_off), key=lambda rate: -abs(rate.off_by))

    @cached_property
    def waiting(self) -> list[ChangeRequest]:
        """What this person may decide on, the first to expire on top; one more than is shown, where there is more."""
        mine = [tenant for tenant in self.tenants.values() if may(self.person, Act.APPROVE, tenant)]
        latest = Evidence.objects.filter(change_request=OuterRef("pk")).order_by("-id")
        rows = selectors.listed().filter(
            tenant__in=mine, state__in=[ChangeRequest.State.IN_REVIEW, ChangeRequest.State.APPROVED]
        )
        rows = rows.exclude(author=self.person).exclude(edited_by=self.person)
        return list(rows.annotate(sentence=Subquery(latest.values("sentence")[:1])).order_by("expires_at")[: MOST + 1])

    @cached_property
    def troubles(self) -> Troubles:
        return Troubles(self.person, {tenant.slug: tenant for tenant in self.tenants.values()})

    def panels(self) -> Iterable[Panel]:
        if not self.tenants and not may(self.person, Act.MANAGE_PLATFORM):
            yield Note("You have no role in a tenant yet. Ask an admin for one.", heading="Welcome to MUSE")
            return
        if not self.day.events:
            yield from first_day(self.person, list(self.tenants.values()))
        if self.tenants:
            yield self._in_numbers()
            yield self._waiting()
            yield from self.troubles.panels()
            yield from self._off()
            yield from self._traffic()
            yield self._under_way()

    def _in_numbers(self) -> Panel:
        return Stats(
            [
                Stat("Awaiting your review", Cell(_many(self.waiting)), "change requests"),
                Stat("Issues", Cell(str(self.troubles.count)), "in the last days"),
                Stat("Alert rates off target", number(len(self.off)), f"of {len(self.rates):,}"),
                Stat("Events, 24 h", number(self.day.events), f"of {self.day.intents:,} intents"),
            ]
        )

    def _waiting(self) -> Panel:
        return Table(
            ["Change request", "Tenant", "Verdict", "What it would do", "Waits since", "Expires"],
            [
                [
                    link(row.title, "change", tenant=row.tenant.slug, change=row.number),
                    Cell(row.tenant.name),
                    evidence_badge(row),
                    Cell(getattr(row, "sentence", None) or "–"),
                    when(row.submitted_at),
                    when(row.expires_at),
                ]
                for row in self.waiting[:MOST]
            ],
            title="Awaiting your review",
            hint="There are more; these expire first." if len(self.waiting) > MOST else "",
            empty="Nothing to review.",
            next_link=("All change requests", address("all_changes")),
        )

    def _off(self) -> Iterable[Panel]:
        if self.rates and not self.off:
            text = f"All {len(self.rates):,} alert rates of the last 24 hours are within their tenants' tolerance."
            yield Note(text, "good", "Alert rates on target")
        if not self.off:
            return
        shown = self.off[:MOST]
        yield Table(
            ["Intent", "Tenant", "Threshold", "Last 24 hours", "Off by"],
            [
                [
                    link(rate.intent, "intent", tenant=self.tenants[rate.tenant].slug, intent=rate.intent),
                    Cell(self.tenants[rate.tenant].name),
                    Cell(rate.threshold),
                    scale(rate.plain, rate.target),
                    Cell(f"{100 * rate.off_by:+,.3g} %", kind="number"),
                ]
                for rate in shown
            ],
            title=f"Alert rates off target: {len(self.off):,} of {len(self.rates):,}",
            hint="The whole 95 % interval of the last 24 hours is outside the tenant's tolerance.",
        )
        if len(self.off) > MOST:
            yield Links([(f"All {len(self.off):,}", f"{address('intents')}?alerts=off")])

    def _traffic(self) -> Iterable[Panel]:
        yield Table(
            ["Intent", "Tenant", "Events", "By hour"],
            [
                [
                    link(row.intent, "intent", tenant=self.tenants[row.tenant].slug, intent=row.intent),
                    Cell(self.tenants[row.tenant].name),
                    number(row.events),
                    Cell(Spark(row.by_hour, f"{row.events:,} events over 24 hours"), kind="spark"),
                ]
                for row in self.day.busiest
            ],
            title="Traffic in the last 24 hours",
            empty="No event was scored in the last 24 hours.",
        )
        if self.day.intents > MOST:
            yield Links([(f"All {self.day.intents:,} intents", f"{address('intents')}?sort=-events-24-h")])

    def _under_way(self) -> Panel:
        rows = attention.under_way(self.person, MOST)
        names = {tenant.slug: tenant.name for tenant in self.tenants.values()}
        return Table(
            ["Work", "Tenant", "State", "Progress", "Asked for"],
            [
                [
                    _page_of(row),
                    Cell(names.get(row.tenant_slug, row.tenant_slug)),
                    badge(row.told),
                    Cell(round(100 * row.share), kind="progress") if row.told in _AT_WORK else Cell("–"),
                    when(row.at),
                ]
                for row in rows
            ],
            title="My work",
            empty="You have no work in progress. Start a fit or a change request from a tenant's intent.",
        )


def _page_of(row: attention.Matter) -> Cell:
    if row.kind == "fit":
        return link(f"Fit {row.number} of {row.title}", "fit", tenant=row.tenant_slug, fit=row.number)
    return link(f"Evidence for {row.title}", "change", tenant=row.tenant_slug, change=row.number)


def _many(rows: list[ChangeRequest]) -> str:
    return f"more than {MOST}" if len(rows) > MOST else str(len(rows))
