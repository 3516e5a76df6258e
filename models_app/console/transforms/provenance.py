"""What a transform or a fit is for, what it is made of, and where it goes from here: the same on the pages of both."""

from collections.abc import Mapping, Sequence
from typing import Any

from models_app.console.ui.counts import counted
from models_app.console.ui.page import Page, TenantPage
from models_app.console.ui.panels import Cell, link
from models_app.transforms.models import Fit, Transform
from models_app.transforms.routes import routes_in_words
from tenants.permissions import may
from tenants.roles import Permission


def recipe(page: TenantPage, row: Transform | Fit) -> list[tuple[str, Cell]]:
    """The intent, and what is mapped onto what."""
    intent = row.intent.name
    return [("Intent", link(intent, "intent", tenant=page.tenant.slug, intent=intent)), *_shared(page, row)]


def proposing(page: TenantPage, transform: Transform) -> Sequence[tuple[str, str]]:
    """The way to a change request that serves it."""
    if not may(page.person, Permission.PROPOSE, page.tenant):
        return ()
    return (("New change request", f"{page.at('new_change')}?intent={transform.intent.name}&transform={transform.pk}"),)


def source_in_words(source: Mapping[str, Any] | None) -> str:
    if source is None:
        return "–"
    of_routes = f", for {routes_in_words(source['routes'])}" if source.get("routes") else ""
    return f"{_kind_in_words(source)}{of_routes}"


def _kind_in_words(source: Mapping[str, Any]) -> str:
    if source["kind"] == "pooled":
        events, tenants = counted(source["events"], "event"), counted(source["tenants"], "other tenant")
        return f"{events} of {tenants}, {counted(source['days'], 'day')}"
    if source["kind"] == "sample":
        return f"sample {source['sample']}"
    if source["kind"] == "validation":
        return "validation scores"
    weights = f", half-life {counted(source['half_life_days'], 'day')}" if source.get("half_life_days") else ""
    return f"{source['kind']}, {counted(source['days'], 'day')}{weights}"


def _shared(page: Page, row: Transform | Fit) -> list[tuple[str, Cell]]:
    """Return facts, as links for people who may see what is shared."""
    shown = {"predictor": row.predictor, "reference": row.reference}
    if not may(page.person, Permission.VIEW_SHARED):
        return [(kind.capitalize(), Cell(each.key)) for kind, each in shown.items()]
    return [
        (kind.capitalize(), link(each.key, kind, name=each.name, version=each.version)) for kind, each in shown.items()
    ]
