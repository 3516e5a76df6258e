"""Proposing a change: which transform is to answer, told in words before it is sent."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

import msgspec
from django import forms
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404

from models_app.changes import drafting
from models_app.console.releases.difference import decoded, difference_in_words
from models_app.console.ui.actions import ActionForm
from models_app.console.ui.fields import YamlField
from models_app.console.ui.page import TenantPage
from models_app.console.ui.panels import Note, Panel, Watching, Words
from models_app.inputs.errors import invalid
from models_app.releases.publish import proposal, read_all_routes
from models_app.releases.words import origin_in_words
from models_app.transforms import selectors
from models_app.transforms.models import Transform
from scoring import releases
from scoring.engine import document as documents
from tenants.refusals import Refusal
from tenants.roles import Permission

MOST = 200  # transforms that are offered, newest first
PARTS = (
    ("live", "Live: 100 % of traffic"),
    ("swap", "Live: 100 % of traffic, with the current model kept as a shadow"),
    ("shadow", "Shadow: scores are recorded, not returned"),
)
_CANNOT = "This cannot be proposed"
ROUTES_HELP = (
    "Rules in their order; the first whose conditions hold applies: - {name: all, live: {predictor: cards@2, "
    "transform: 7}, shadows: [{predictor: cards@3, transform: 9}]}. An empty list, [], takes the intent out of service."
)


class Propose(ActionForm["NewChange"]):
    name, label, needs = "propose", "Create change request", Permission.PROPOSE
    hint = "This makes a draft and computes its evidence. Nothing is served until another person approves it."
    success = "Change request created. Its evidence is being computed."
    advanced = ("intent", "routes")
    transform = forms.ChoiceField(required=False, help_text="Required unless routes are given under “More”.")
    part = forms.ChoiceField(label="Serve as", choices=PARTS, initial="live", widget=forms.RadioSelect)
    called = forms.CharField(label="Title", max_length=200, required=False, help_text="If empty, a title is generated.")
    reason = forms.CharField(label="Reason", widget=forms.Textarea(attrs={"rows": 3}), help_text="Reviewers read it.")
    intent = forms.ChoiceField(required=False, help_text="The intent of the routes below.")
    routes = YamlField(required=False, help_text=f"Instead of a transform. {ROUTES_HELP}")

    def initial_values(self) -> Mapping[str, Any]:
        query = self.page.request.GET
        return {name: query[name] for name in ("intent", "transform", "part", "called", "reason") if query.get(name)}

    def prepare(self) -> None:
        self.offer(intent=[("", "–"), *((name, name) for name in self.page.intents)])
        self.fields["transform"].choices = [("", "Choose one"), *self.page.transforms]  # type: ignore[attr-defined]

    def chosen(self) -> dict[str, Any]:
        """The routes by intent, as services want them. Raises ValidationError naming the field."""
        data = self.cleaned_data
        if bool(data["transform"]) == (data["routes"] is not None):
            raise invalid("transform", "expected a transform, or else routes of one's own under “More”")
        if data["routes"] is not None:
            if not data["intent"]:
                raise invalid("intent", "expected the intent that the routes are for")
            return {data["intent"]: data["routes"]}
        transform = self.transform_chosen()
        target = {"predictor": transform.predictor.key, "transform": transform.pk}
        live = _live_routes(self.page, transform)
        routes = _beside(live, target) if data["part"] == "shadow" else _instead(live, target, data["part"] == "swap")
        return {transform.intent.name: routes}

    def transform_chosen(self) -> Transform:
        rows = Transform.objects.filter(tenant=self.page.tenant).select_related("predictor", "intent")
        return get_object_or_404(rows.defer("x", "y", "report"), pk=self.cleaned_data["transform"])

    def suggested(self) -> str:
        """A title: what it does."""
        if not self.cleaned_data["transform"]:
            return f"New routes for {self.cleaned_data['intent']}"
        chosen = self.transform_chosen()
        if self.cleaned_data["part"] == "shadow":
            return f"Add {chosen.predictor.key} as a shadow for {chosen.intent.name}"
        return f"Promote {chosen.predictor.key} to live for {chosen.intent.name} (transform {chosen.pk})"

    def perform(self) -> str:
        data, page, routes = self.cleaned_data, self.page, self.chosen()
        change = drafting.create_change(
            actor=page.person,
            tenant=page.tenant,
            title=data["called"] or self.suggested(),
            reason=data["reason"],
            routes=routes,
        )
        return page.at("change", change=change.number)


def _by_intent(page: TenantPage) -> list[tuple[str, list[tuple[str, str]]]]:
    """The tenant's transforms in words, intent by intent."""
    groups: dict[str, list[tuple[str, str]]] = {}
    newest = selectors.transforms(page.tenant).defer("x", "y", "report")[:MOST]
    sources = selectors.sources(page.tenant, [row.pk for row in newest])
    for row in newest:
        details = ", ".join(filter(None, [row.kind, origin_in_words(sources[row.pk])]))
        words = f"{row.predictor.key}, transform {row.pk} ({details})"
        groups.setdefault(row.intent.name, []).append((str(row.pk), words))
    return sorted(groups.items())


def _live_routes(page: TenantPage, transform: Transform) -> list[dict[str, Any]]:
    """The live routes of the transform's intent."""
    current = releases.current(page.tenant)
    part = documents.decode(current.document).intents.get(transform.intent.name) if current else None
    return [msgspec.to_builtins(route) for route in part.routes] if part else []


def _instead(routes: list[dict[str, Any]], target: dict[str, Any], keep: bool) -> list[dict[str, Any]]:
    """One route for all events, which keeps the name of the one that was; `keep`: its target as a shadow."""
    name = routes[0]["name"] if len(routes) == 1 else "all"
    kept = [each["live"] for each in routes] if keep else []
    once = {each["predictor"]: each for each in _without(kept, target)}
    return [{"name": name, "live": target, "shadows": list(once.values())}]


def _beside(routes: list[dict[str, Any]], target: dict[str, Any]) -> list[dict[str, Any]]:
    """With one shadow more; where the predictor is one already, with this transform instead."""
    if not routes:
        raise invalid(
            "part", "nothing is live for this intent yet, so a shadow has nothing to stand beside; choose live"
        )
    return [{**route, "shadows": [*_without(route["shadows"], target), target]} for route in routes]


def _without(targets: Iterable[dict[str, Any]], target: dict[str, Any]) -> list[dict[str, Any]]:
    return [each for each in targets if each["predictor"] != target["predictor"]]


class NewChange(TenantPage):
    """What would change, for whom?"""

    title, tab, actions = "New change request", "changes", (Propose,)

    @cached_property
    def intents(self) -> list[str]:
        return list(self.tenant.intents.order_by("name").values_list("name", flat=True))

    @cached_property
    def transforms(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """The transforms that can be chosen, by intent; both the form and its preview need them."""
        return _by_intent(self)

    def breadcrumbs(self) -> Sequence[tuple[str, str]]:
        return (*super().breadcrumbs(), ("Change requests", self.at("changes")))

    def panels(self) -> Iterable[Panel]:
        if not self.intents:
            yield Note("This tenant has no intent yet. Create one first.", "wait")

    def aside(self) -> Iterable[Panel]:
        yield Watching("propose", list(self._preview()))

    def _preview(self) -> Iterable[Panel]:
        """What the fields would change in what is served, or why they cannot."""
        typed = {name: value for name, value in self.request.GET.items() if value}
        form = Propose(self, {"part": "live", "reason": "–", **typed})
        if not typed.keys() & {"transform", "routes"}:
            yield Note("Choose a transform and how it is served.", heading="Preview")
            return
        if not form.is_valid():
            yield Note(" ".join(str(text) for texts in form.errors.values() for text in texts), "bad", _CANNOT)
            return
        try:
            routes = form.chosen()
            sentences = self._difference(routes)
        except (ValidationError, Refusal) as error:
            words = " ".join(error.messages) if isinstance(error, ValidationError) else str(error)
            yield Note(words, "bad", _CANNOT)
            return
        yield Words(sentences, "Configuration changes", empty="None: exactly this is live.")
        yield Note(form.cleaned_data["called"] or form.suggested(), heading="Title")

    def _difference(self, routes: Mapping[str, Any]) -> list[str]:
        live = releases.current(self.tenant)
        preview = proposal(self.tenant, read_all_routes(routes), live)
        return difference_in_words(self.tenant, decoded(live.document) if live else None, preview.document)
