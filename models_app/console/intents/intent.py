"""One intent: how its alert rates go, and what its events go through."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone

from models_app.console.intents import judgement, rates_over_time
from models_app.console.intents.curl_example import call
from models_app.console.intents.degraded import answers_where_it_fails, degraded_note
from models_app.console.intents.history import RELEASES, lacks, past
from models_app.console.intents.incidents import open_incidents
from models_app.console.intents.proposing import proposers
from models_app.console.intents.route_drawing import route
from models_app.console.intents.track_record import track_record_of
from models_app.console.ui.counts import counted
from models_app.console.ui.page import TenantPage
from models_app.console.ui.panels import (
    Cell,
    Code,
    Facts,
    Figure,
    Note,
    Panel,
    Stat,
    Stats,
    badge,
    link,
    number,
    percent,
    scale,
)
from models_app.console.ui.ranges import Refreshing
from models_app.console.ui.refused import refused_panels
from models_app.console.ui.sparklines import Spark
from models_app.console.ui.tables import Column, Table
from models_app.figures import traffic as figures
from models_app.intents import services
from models_app.intents.to_document import intent_part
from models_app.monitoring import alert_rates, traffic
from models_app.releases.fallbacks import with_fallbacks
from models_app.statistics.references import Reference
from scoring import processes, releases
from scoring.engine import document as documents
from scoring.models import HourStatistics, Release
from tenants.models import Intent, Tenant
from tenants.permissions import may
from tenants.roles import Permission

_RATES_HINT = (
    "By when events occurred (UTC), today included, with 95 % intervals that allow for how days differ. "
    "The target is the reference's rate at that score."
)
_NO_TARGET = "The scores of these hours do not name their reference, so no alert rate can be compared with a target."


class IntentPage(TenantPage):
    """Do alerts stay where they should, and what do its events go through?"""

    tab, subject, refresh_seconds, also_live = "tenant", "intent", 15, "#traffic"
    actions = (judgement.SetJudgement,)

    @cached_property
    def intent(self) -> Intent:
        rows = Intent.objects.select_related("tenant__review_policy")
        return get_object_or_404(rows, tenant__slug=self.kwargs["tenant"], name=self.kwargs["intent"])

    @cached_property
    def tenant(self) -> Tenant:
        return self.intent.tenant

    def heading(self) -> str:
        return self.intent.name

    @property
    def intro(self) -> str:  # type: ignore[override]
        return self.intent.description

    def badges(self) -> Sequence[Cell]:
        return [badge("active") if self.served else Cell("not served", kind="badge", tone="wait")]

    def links(self) -> Sequence[tuple[str, str]]:
        of, ways = f"?intent={self.intent.name}", []
        if may(self.person, Permission.FIT, self.tenant):
            ways = [
                ("Fit a transform", self.at("new_fit") + of),
                ("Create default transform", self.at("transforms") + of),
            ]
            ways = ways if self.served else ways[::-1]
        if may(self.person, Permission.PROPOSE, self.tenant):
            ways.append(("New change request", self.at("new_change") + of))
        if may(self.person, Permission.MANAGE_TENANT, self.tenant):
            ways.append(("Edit intent", self.at("change_intent", intent=self.intent.name)))
        if not self.served:
            ways.insert(0, ("Setup steps", self.at("intent_setup", intent=self.intent.name)))
        return ways

    @cached_property
    def releases(self) -> list[Release]:
        """The newest of the tenant."""
        return releases.newest(self.tenant, RELEASES + 1)

    @property
    def release(self) -> Release | None:
        """The live one."""
        return self.releases[0] if self.releases else None

    @cached_property
    def document(self) -> documents.ReleaseDocument | None:
        return documents.decode(self.release.document) if self.release else None

    @cached_property
    def served(self) -> documents.Intent | None:
        return self.document.intents.get(self.intent.name) if self.document else None

    @cached_property
    def day(self) -> list[HourStatistics]:
        return traffic.hours(self.tenant, self.intent.name)

    @cached_property
    def events(self) -> int:
        """Scored in the last 24 hours."""
        return sum(hour.events for hour in self.day)

    @cached_property
    def rates(self) -> Mapping[str, alert_rates.AlertRate]:
        """Return the alert rates of the events of the last days, by threshold."""
        found = alert_rates.of_week([self.tenant], places=[(self.tenant.pk, self.intent.name)])
        return {rate.threshold: rate for rate in found}

    @cached_property
    def answering(self) -> int | None:
        """The transform of the route that answers where no other does."""
        return self.served.routes[-1].live.transform if self.served else None

    @cached_property
    def reference(self) -> Reference | None:
        return alert_rates.references({self.answering}).get(self.answering) if self.answering else None

    def is_busy(self) -> bool:
        """Tell whether figures are refreshed: while the intent is served."""
        return self.served is not None

    def live_panels(self) -> Iterable[Panel]:
        yield from self._verdict()
        yield from open_incidents(self.intent)

    def panels(self) -> Iterable[Panel]:
        """All, or just those that are fetched again: the rest costs more than they do."""
        match self.request.headers.get("HX-Target"):
            case "live":
                yield Refreshing("traffic", [self._stats()])
            case rates_over_time.PART:
                yield rates_over_time.alert_rates(self.request, self.intent)
            case _:
                yield rates_over_time.alert_rates(self.request, self.intent)
                yield Refreshing("traffic", [self._stats()])
                yield from self._more()

    def _more(self) -> Iterable[Panel]:
        if self.document and self.served and self.release:
            held = link(
                f"release {self.release.number}", "release", tenant=self.tenant.slug, number=self.release.number
            )
            yield route(self.document, self.intent.name, held, shared=may(self.person, Permission.VIEW_SHARED))
        yield self._thresholds()
        yield from self._scores()
        yield from refused_panels(self.tenant, self.intent.name)
        yield track_record_of(self.intent)
        yield proposers(self, self.intent)
        yield past(self.intent, self.releases)
        yield self._schema()
        yield answers_where_it_fails(self.intent, self.served)
        yield judgement.facts(self.intent)
        yield Code(call(self.request.get_host(), self.intent, served=self.served), "Example request")

    def _verdict(self) -> Iterable[Panel]:
        """In a sentence, and what is to be known beside it."""
        if self.served is None:
            text = "No release serves this intent yet, so scoring answers 404."
            yield Note(
                f"{text} Create a default transform or fit one, then make a change request.", "wait", "Not served yet"
            )
            return
        found = self.rates.values()
        off = [rate for rate in found if rate.is_off]
        for rate in off:
            yield Note(_off(rate), "bad", f"Alerts at “{rate.threshold}” are off their target")
        if found and not off:
            known = all(rate.target is not None for rate in found)
            text = "Over the last 7 days, no alert rate was further from its target than the tenant tolerates."
            yield Note(text, "good", "Alert rates on target") if known else Note(_NO_TARGET)
        if (degraded := sum(hour.degraded for hour in self.day)) > 0:
            yield degraded_note(degraded, self.events)
        wanted = with_fallbacks(self.intent, self.served.routes, self.served)
        if intent_part(self.intent, wanted) != self.served:
            yield Note(
                "The intent has changed since the live release. The next change request takes the changes in.",
                "wait",
                "Changed",
            )
        if self.document and (lacking := lacks(self.intent, self.document)):
            yield Note(
                f"{lacking} The live release still scores, but the next one cannot without these features.",
                "bad",
                "Missing features",
            )

    def _stats(self) -> Panel:
        by_hour, late = (
            traffic.by_hour((hour.hour, getattr(hour, what)) for hour in self.day) for what in ("events", "late")
        )
        latencies = processes.latency(self.tenant, self.intent.name)
        return Stats(
            [
                Stat("Events a minute", *_a_minute(sum(by_hour[-2:]) - sum(late[-2:]))),
                Stat(
                    "Events scored, 24 h", number(self.events), _late(sum(late)), Spark(by_hour, f"By hour: {by_hour}")
                ),
                Stat("Latency, median", _milliseconds(latencies, 1), _of(latencies)),
                Stat("Latency, p99", _milliseconds(latencies, 2), "99 % of events are faster" if latencies else ""),
            ]
        )

    def _thresholds(self) -> Panel:
        declared = self.served.thresholds if self.served else intent_part(self.intent, ()).thresholds
        return Table(
            self._columns(),
            declared,
            title="Alert rates at the thresholds",
            hint=_RATES_HINT,
            empty="No threshold is declared. Evidence and gates need thresholds.",
        )

    def _columns(self) -> Sequence[Column[documents.Threshold]]:
        return (
            Column("threshold", "Threshold", lambda each: Cell(each.name)),
            Column("score", "Score", lambda each: number(each.score, 4)),
            Column("action", "Action", lambda each: Cell(each.action)),
            Column("target", "Target", lambda each: percent(self._target(each))),
            Column("week", "Alert rate, 7 days", lambda each: scale(self.rates.get(each.name), self._target(each))),
            Column("alerts", "Alerts, 7 days", self._alerts),
            Column("today", "Today", self._today),
        )

    def _target(self, threshold: documents.Threshold) -> float | None:
        """Of the events that occurred, for routes may have different references; before any, that of the last route."""
        if (found := self.rates.get(threshold.name)) and found.target is not None:
            return found.target
        return None if self.reference is None else float(self.reference.alert_rate(threshold.score))

    def _alerts(self, threshold: documents.Threshold) -> Cell:
        return number(self.rates[threshold.name].alerts if threshold.name in self.rates else 0)

    def _today(self, threshold: documents.Threshold) -> Cell:
        """Without an interval: a part of a day is no sample of days."""
        found = self.rates.get(threshold.name)
        events, alerts = found.today if found else (0, 0)
        return Cell(f"{alerts:,} of {events:,}: {100 * alerts / events:.3g} %" if events else "–", kind="number")

    def _scores(self) -> Iterable[Panel]:
        if self.events and self.served:
            histogram = [
                sum(bins) for bins in zip(*(hour.histogram for hour in self.day if hour.histogram), strict=True)
            ]
            thresholds = [(each.name, each.score) for each in self.served.thresholds]
            of = f"{counted(self.events, 'event')} of the last 24 hours"
            hint = f"{of}, in steps of 0.02; the line of the scores should lie on that of the reference."
            yield Figure("scores", figures.scores(histogram, self.reference, thresholds), hint)

    def _schema(self) -> Panel:
        keeps = services.keeps(self.intent)
        context = ", ".join(each["name"] for each in self.intent.context)
        facts = [
            ("Features", Cell(f"{len(self.intent.features)}")),
            ("Context", Cell(context or "none")),
            ("Features kept", Cell(keeps if isinstance(keeps, str) else ", ".join(keeps) or "none")),
            ("Deduplication window", Cell(f"{self.intent.idempotency_seconds:,} s")),
        ]
        return Facts(facts, "Request schema")


def _a_minute(events: int) -> tuple[Cell, str]:
    """Events a minute, from those of the current, unfinished hour and the one before it that came as they occurred."""
    now = timezone.now()
    rate = events / (60 + now.minute + now.second / 60)
    return number(rate, 1 if rate < 10 else 0), f"{events:,} in this hour and the last, as they occurred"


def _late(events: int) -> str:
    return f"{events:,} had occurred more than an hour before" if events else ""


def _off(rate: alert_rates.AlertRate) -> str:
    low, high = rate.interval
    return (
        f"{100 * rate.rate:.3g} % [{100 * low:.3g}, {100 * high:.3g}] over the last 7 days, by when events occurred; "
        f"the target is {100 * (rate.target or 0):.3g} % and ±{100 * rate.tolerance:.3g} % of it is tolerated."
    )


def _milliseconds(latencies: Sequence[Sequence[float]], place: int) -> Cell:
    """The slowest process's: what is asked is whether any client waits."""
    return Cell(f"{max(each[place] for each in latencies):.3g} ms" if latencies else "–", kind="number")


def _of(latencies: Sequence[Sequence[Any]]) -> str:
    if not latencies:
        return "no single events in five minutes"
    events = sum(int(each[0]) for each in latencies)
    return f"{counted(events, 'event')} in five minutes" + (
        f"; the slowest of {len(latencies)} processes" if len(latencies) > 1 else ""
    )
