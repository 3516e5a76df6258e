"""What can be chosen in forms, by who chooses; for a KeyField, the pages that find some as one types."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from models_app.catalog.models import ModelVersion, PredictorVersion, ReferenceDistribution
from models_app.console.ui.page import Page, SharedPage, TenantPage
from models_app.transforms.models import Transform
from tenants import selectors
from tenants.models import Tenant
from tenants.permissions import may
from tenants.roles import Permission

WINDOWS = (
    ("recorded", "Recorded scores, live or shadow"),
    ("replay", "Recorded features, through the predictor again"),
)


class Choices(SharedPage):
    """The options of a KeyField: the newest whose names hold what was typed."""

    is_fragment = True

    def get(self, request: HttpRequest, *args: Any, **place: Any) -> HttpResponse:
        self._open()
        return _options(self, _rows(self.kwargs["kind"]))


class TenantChoices(TenantPage):
    """The choices for one tenant: all for people who may see what is shared, else those of the tenant's transforms."""

    is_fragment = True

    def get(self, request: HttpRequest, *args: Any, **place: Any) -> HttpResponse:
        self._open()
        rows = _rows(self.kwargs["kind"])
        if may(self.person, Permission.VIEW_SHARED):
            return _options(self, rows)
        if rows.model is ModelVersion:
            raise Http404("Models are seen by platform roles only.")
        mine = Transform.objects.filter(tenant=self.tenant)
        return _options(self, rows.filter(pk__in=mine.values(SHARED[self.kwargs["kind"]][1])))


SHARED: dict[str, tuple[Any, str]] = {
    "models": (ModelVersion, ""),
    "predictors": (PredictorVersion, "predictor"),
    "references": (ReferenceDistribution, "reference"),
}
OFFERED = 20


def intent_names(tenant: Tenant) -> list[str]:
    """Return the names of a tenant's intents, for the filters of lists."""
    return list(selectors.intents(tenant).values_list("name", flat=True))


def _rows(kind: str) -> QuerySet[Any]:
    if kind not in SHARED:
        raise Http404("There are no such choices.")
    rows = SHARED[kind][0].objects.order_by("-pk")
    return rows.filter(state="usable") if kind == "models" else rows


def _options(page: Page, rows: QuerySet[Any]) -> HttpResponse:
    typed = page.request.GET.get(page.request.GET.get("field", ""), "").replace("\x00", "").strip()
    name, _, version = typed.partition("@")
    rows = rows.filter(name__icontains=name)
    if version.isdecimal() and len(version) < 10:
        rows = rows.filter(version=int(version))
    keys = [f"{name}@{number}" for name, number in rows.values_list("name", "version")[:OFFERED]]
    return render(page.request, "console/options.html", {"keys": keys})
