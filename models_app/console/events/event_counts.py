"""How many events a search finds, day by day; the search's page fetches it, for counting takes longer than finding."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from models_app.console.ui.page import TenantPage
from models_app.console.ui.panels import Note, Panel, Stat, Stats, number
from models_app.console.ui.sparklines import Spark
from scoring.search import TenantEvents, read_event_query
from tenants.refusals import Unavailable

SECONDS = 2.0
DAY = timedelta(days=1)


class EventCounts(TenantPage):
    is_fragment = True

    def get(self, request: HttpRequest, *args: Any, **place: Any) -> HttpResponseBase:
        self._open()
        return render(request, "console/panel.html", {"panel": self._counted()})

    def _counted(self) -> Panel:
        query = {name: str(value).replace("\x00", "").strip() for name, value in self.request.GET.dict().items()}
        try:
            counts = TenantEvents(self.tenant, read_event_query(query)).counts(seconds=SECONDS)
        except ValidationError:
            return Note("Events cannot be counted until the search is valid.", "wait")
        except Unavailable:
            return Note("Too many events to count quickly. Narrow the search for a count.", "wait")
        return Stats([_stat(counts)])


def _stat(counts: Sequence[tuple[datetime, int]]) -> Stat:
    found = sum(events for _, events in counts)
    if len(counts) < 2:
        return Stat("Events found", number(found), f"all on {counts[0][0]:%Y-%m-%d} (UTC)" if counts else "")
    first, last = counts[0][0], counts[-1][0]
    by_day = dict(counts)
    values = [by_day.get(first + place * DAY, 0) for place in range((last - first).days + 1)]
    most, on = max((events, at) for at, events in counts)
    words = f"by day, {first:%Y-%m-%d} to {last:%Y-%m-%d} (UTC); most on {on:%Y-%m-%d}: {most:,}"
    return Stat("Events found", number(found), words, Spark(values, words))
