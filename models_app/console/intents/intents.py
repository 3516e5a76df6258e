"""All intents: who scores how much, and where do alerts leave their targets?"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from django.db.models import Case, CharField, OuterRef, QuerySet, Subquery, Sum, TextField, Value, When
from django.db.models.functions import Cast, Coalesce, Concat

from models_app.console.ui.listing import Listing
from models_app.console.ui.page import Page
from models_app.console.ui.panels import Cell, Panel, link, number, scale, several
from models_app.console.ui.sparklines import Spark
from models_app.console.ui.tables import Column
from models_app.intents.filters import AllIntentFilters
from models_app.monitoring import alert_rates, traffic
from scoring.models import HourStatistics
from tenants.models import Intent, Tenant

_PLACE = Concat(Cast("tenant_id", TextField()), Value("/"), "name", output_field=TextField())


class AllIntents(Page):
    title = "Intents"
    intro = (
        "The intents of all tenants, with what was scored in the last 24 hours, and the alert rates of the events that "
        "occurred in the last 7 days against their targets."
    )

    @cached_property
    def tenants(self) -> Mapping[int, Tenant]:
        return {tenant.pk: tenant for tenant in Tenant.objects.select_related("review_policy")}

    @cached_property
    def listing(self) -> Listing:
        return Listing(self.request, self._rows(), self._columns(), AllIntentFilters)

    def _rows(self) -> QuerySet[Intent]:
        hours = HourStatistics.objects.filter(
            tenant=OuterRef("tenant"), intent=OuterRef("name"), hour__gte=traffic.since()
        )
        events = hours.order_by().values("tenant").annotate(events=Sum("events")).values("events")
        rows = Intent.objects.select_related("tenant").defer("features", "context")
        rows = rows.annotate(events=Coalesce(Subquery(events), Value(0)))
        if self.is_of_alerts:
            rows = rows.annotate(place=_PLACE)
        return rows.annotate(alerts=self._alerts()).order_by("tenant__slug", "name")

    @property
    def is_of_alerts(self) -> bool:
        """Whether those are looked for whose alerts are off their target: then the rates of all are looked at."""
        return self.request.GET.get("alerts") == "off"

    def _alerts(self) -> Case | Value:
        if not self.is_of_alerts:
            return Value("", output_field=CharField())
        off = {f"{rate.tenant}/{rate.intent}" for rate in self.all_rates if rate.is_off}
        return Case(When(place__in=off, then=Value("off")), default=Value(""), output_field=CharField())

    @cached_property
    def all_rates(self) -> Sequence[alert_rates.AlertRate]:
        return alert_rates.of_week(self.tenants.values())

    @cached_property
    def rates(self) -> Mapping[traffic.Place, list[alert_rates.AlertRate]]:
        """Those of the intents on this page, and of others where they are known."""
        found: dict[traffic.Place, list[alert_rates.AlertRate]] = {}
        for rate in self.all_rates if self.is_of_alerts else self._rates_of_page():
            found.setdefault((rate.tenant, rate.intent), []).append(rate)
        return found

    def _rates_of_page(self) -> Sequence[alert_rates.AlertRate]:
        places = [(row.tenant_id, row.name) for row in self.listing.page]
        tenants = [self.tenants[pk] for pk in {tenant for tenant, _ in places}]
        return alert_rates.of_week(tenants, places=places) if places else []

    @cached_property
    def sparks(self) -> Mapping[traffic.Place, list[int]]:
        return traffic.by_hour_of([(row.tenant_id, row.name) for row in self.listing.page])

    def panels(self) -> Iterable[Panel]:
        yield self.listing.table(empty="No intents yet. Open a tenant to create one.")

    def _columns(self) -> Sequence[Column[Intent]]:
        return (
            Column("intent", "Intent", _intent, sort="name"),
            Column("tenant", "Tenant", _tenant, sort="tenant__name"),
            Column("events", "Events scored, 24 h", lambda row: number(getattr(row, "events", 0)), sort="events"),
            Column("by-hour", "By hour", self._by_hour),
            Column("alert-rates", "Alert rates, 7 days", self._alert_rates),
        )

    def _by_hour(self, row: Intent) -> Cell:
        spark = self.sparks.get((row.tenant_id, row.name))
        return Cell(Spark(spark, "Events by hour"), kind="spark") if spark else Cell("–")

    def _alert_rates(self, row: Intent) -> Cell:
        rates = self.rates.get((row.tenant_id, row.name), [])
        cells = [several(Cell(rate.threshold), scale(rate, rate.target), *_off(rate)) for rate in rates]
        return several(*cells) if cells else Cell("–")


def _intent(row: Intent) -> Cell:
    return link(row.name, "intent", tenant=row.tenant.slug, intent=row.name)


def _tenant(row: Intent) -> Cell:
    return link(row.tenant.name, "tenant", tenant=row.tenant.slug)


def _off(rate: alert_rates.AlertRate) -> list[Cell]:
    return [Cell(f"off by {100 * rate.off_by:+,.3g} %", kind="badge", tone="bad")] if rate.is_off else []
