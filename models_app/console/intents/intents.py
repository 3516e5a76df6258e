"""All intents: who scores how much, and where do alerts leave their targets?"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from django.db.models import Case, CharField, OuterRef, QuerySet, Subquery, Sum, TextField, Value, When
from django.db.models.functions import Cast, Coalesce, Concat

from models_app.console.ui.listing import Listing
from models_app.console.ui.page import Page
from models_app.console.ui.panels import Cell, Panel, link, number, scale, several
from models_app.console.ui.sparklines import Spark
from models_app.monitoring import traffic
from scoring.models import HourStatistics
from tenants.models import Intent, Tenant

_PLACE = Concat(Cast("tenant_id", TextField()), Value("/"), "name", output_field=TextField())


class AllIntents(Page):
    title = "Intents"
    intro = (
        "The intents of all tenants, with their events of the last 24 hours and their alert rates against the targets."
    )

    @cached_property
    def tenants(self) -> Mapping[int, Tenant]:
        return {tenant.pk: tenant for tenant in Tenant.objects.select_related("review_policy")}

    @cached_property
    def listing(self) -> Listing:
        filters = {"alerts": ("alerts", [("off", "alerts off target")])}
        return Listing(
            self.request, self._rows(), ("name", "tenant__name", "tenant__slug"), filters,
            {"Intent": "name", "Tenant": "tenant__name", "Events, 24 h": "events"},
        )  # fmt: skip

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
    def all_rates(self) -> Sequence[traffic.AlertRate]:
        return traffic.alert_rates(self.tenants.values())

    @cached_property
    def rates(self) -> Mapping[traffic.Place, list[traffic.AlertRate]]:
        """Those of the intents on this page, and of others where they are known."""
        found: dict[traffic.Place, list[traffic.AlertRate]] = {}
        for rate in self.all_rates if self.is_of_alerts else self._rates_of_page():
            found.setdefault((rate.tenant, rate.intent), []).append(rate)
        return found

    def _rates_of_page(self) -> Sequence[traffic.AlertRate]:
        places = [(row.tenant_id, row.name) for row in self.listing.page]
        tenants = [self.tenants[pk] for pk in {tenant for tenant, _ in places}]
        return traffic.alert_rates(tenants, places=places) if places else []

    @cached_property
    def sparks(self) -> Mapping[traffic.Place, list[int]]:
        return traffic.by_hour_of([(row.tenant_id, row.name) for row in self.listing.page])

    def panels(self) -> Iterable[Panel]:
        headers = ["Intent", "Tenant", "Events, 24 h", "By hour", "Alert rates, 24 h"]
        yield self.listing.table(headers, self._row, empty="No intents yet. Open a tenant to create one.")

    def _row(self, row: Intent) -> list[Cell]:
        place = (row.tenant_id, row.name)
        rates = [
            several(Cell(rate.threshold), scale(rate.plain, rate.target), *_off(rate))
            for rate in self.rates.get(place, [])
        ]
        spark = self.sparks.get(place)
        return [
            link(row.name, "intent", tenant=row.tenant.slug, intent=row.name),
            link(row.tenant.name, "tenant", tenant=row.tenant.slug),
            number(getattr(row, "events", 0)),
            Cell(Spark(spark, "Events by hour"), kind="spark") if spark else Cell("–"),
            several(*rates) if rates else Cell("–"),
        ]


def _off(rate: traffic.AlertRate) -> list[Cell]:
    return [Cell(f"off by {100 * rate.off_by:+,.3g} %", kind="badge", tone="bad")] if rate.is_off else []
