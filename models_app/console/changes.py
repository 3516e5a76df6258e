"""Change requests: lists, and proposing one."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from django import forms
from django.shortcuts import get_object_or_404

from models_app.console import choices
from models_app.console.acts import ActForm, YamlField
from models_app.console.importing import ImportChange
from models_app.console.listing import Listing
from models_app.console.page import Page, TenantPage
from models_app.console.parts import Cell, Links, Part, badge, link, when
from models_app.models import ChangeRequest, Transform
from models_app.selectors import changes as selectors
from models_app.selectors import releases
from models_app.services import changes as services
from models_app.services.errors import invalid
from scoring.engine import document as documents
from tenants.permissions import may
from tenants.roles import Act

HEADERS = ["Change request", "State", "Evidence", "Author", "Made", "Expires"]
ROUTES_HELP = (
    "Rules in their order; the first whose conditions hold answers: - {name: all, live: {predictor: cards@2, "
    "transform: 7}, shadows: [{predictor: cards@3, transform: 9}]}. An empty list, [], takes the intent out of service."
)


class AllChanges(Page):
    title = "Change requests"

    def parts(self) -> Iterable[Part]:
        yield _listing(self, selectors.changes()).table(["Tenant", *HEADERS], _with_tenant, empty="None yet.")


class Changes(TenantPage):
    title, tab, acts = "Change requests", "changes", (ImportChange,)

    def parts(self) -> Iterable[Part]:
        if may(self.person, Act.PROPOSE, self.tenant):
            yield Links([("Propose a change", self.at("new_change"))])
        yield _listing(self, selectors.changes(self.tenant)).table(HEADERS, _row, empty="Nothing was proposed yet.")


def _listing(page: Page, rows: Any) -> Listing:
    filters = {"state": ("state", ChangeRequest.State.values)}
    return Listing(page.request, rows.defer("document", "routes"), ("title", "reason", "author__email"), filters)


def _with_tenant(row: ChangeRequest) -> list[Cell]:
    return [link(row.tenant.name, "tenant", tenant=row.tenant.slug), *_row(row)]


def _row(row: ChangeRequest) -> list[Cell]:
    return [
        link(f"{row.number}: {row.title}", "change", tenant=row.tenant.slug, change=row.number),
        badge(row.state),
        evidence_badge(row),
        Cell(row.author or "the platform"),
        when(row.created_at),
        when(row.expires_at if row.state in ChangeRequest.OPEN else None),
    ]


def evidence_badge(row: ChangeRequest) -> Cell:
    """The verdict of the latest evidence, or how far it is; the row is of selectors.changes."""
    return badge(getattr(row, "verdict", None) or getattr(row, "evidence_state", None))


class Propose(ActForm):
    name, label, needs = "propose", "Propose it", Act.PROPOSE
    hint = "It becomes a draft with evidence under way; nothing is served before another person approves it."
    done = "Proposed. Evidence is being computed."
    intent = forms.ChoiceField()
    transform = forms.ChoiceField(
        required=False, help_text="Serve the intent by this transform and its predictor, to everybody."
    )
    as_shadow = forms.BooleanField(
        required=False, help_text="Record its scores beside what is live, and return what is live as before."
    )
    routes = YamlField(required=False, help_text=f"Instead of a transform. {ROUTES_HELP}")
    called = forms.CharField(label="Title", max_length=200)
    reason = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}))

    def start(self) -> Mapping[str, Any]:
        asked = self.page.request.GET
        return {"intent": asked.get("intent"), "transform": asked.get("transform")}

    def prepare(self) -> None:
        page = self.page
        assert isinstance(page, TenantPage)
        self.offer(
            intent=[(name, name) for name in page.tenant.intents.values_list("name", flat=True)],
            transform=[("", "none: routes below"), *choices.transforms(page.tenant)],
        )

    def perform(self) -> str:
        page, data = self.page, self.cleaned_data
        assert isinstance(page, TenantPage)
        change = services.create_change(
            actor=page.person,
            tenant=page.tenant,
            title=data["called"],
            reason=data["reason"],
            routes={data["intent"]: self._routes(page)},
        )
        return page.at("change", change=change.number)

    def _routes(self, page: TenantPage) -> Any:
        data = self.cleaned_data
        if bool(data["transform"]) == (data["routes"] is not None):
            raise invalid("transform", "expected a transform, or routes below: one of them")
        if data["routes"] is not None:
            return data["routes"]
        rows = Transform.objects.filter(tenant=page.tenant).select_related("predictor")
        transform: Transform = get_object_or_404(rows, pk=data["transform"])
        target = {"predictor": transform.predictor.key, "transform": transform.pk}
        if not data["as_shadow"]:
            return [{"name": "all", "live": target}]
        return _beside(_live_routes(page, data["intent"]), target)


def _live_routes(page: TenantPage, intent: str) -> list[dict[str, Any]]:
    """What is served for an intent now."""
    current = releases.current(page.tenant)
    part = documents.decode(current.document).intents.get(intent) if current else None
    return [msgspec.to_builtins(route) for route in part.routes] if part else []


def _beside(routes: list[dict[str, Any]], target: dict[str, Any]) -> list[dict[str, Any]]:
    if not routes:
        raise invalid("as_shadow", "nothing is live for this intent yet: it can only be proposed as live")
    return [{**route, "shadows": [*route["shadows"], target]} for route in routes]


class NewChange(TenantPage):
    title, tab, acts = "Propose a change", "changes", (Propose,)
