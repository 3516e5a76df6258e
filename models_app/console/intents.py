"""One intent: what is served for it, and how it does; setting one up, and changing it."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from django import forms
from django.conf import settings
from django.shortcuts import get_object_or_404

from models_app.console.acts import ActForm, YamlField
from models_app.console.inference import InferFeatures, InferringPage, inferred
from models_app.console.page import TenantPage
from models_app.console.parts import (
    Cell,
    Code,
    Facts,
    Links,
    Note,
    Part,
    Table,
    badge,
    code,
    link,
    number,
    percent,
    when,
)
from models_app.console.routing import routes_in_words
from models_app.selectors import fitting, releases, serving
from models_app.services import intents as services
from scoring.engine import document as documents
from tenants import selectors
from tenants.models import Intent
from tenants.models.tenant import slug
from tenants.permissions import may
from tenants.roles import Act

FEATURES_HELP = (
    "A line for each: - {name: amount, type: number}. Types: number, integer, boolean, category (with categories). "
    "Also required: false, nullable: true, minimum, maximum."
)
THRESHOLDS_HELP = (
    "Where the client's own system decides: - {name: decline, score: 0.93, action: decline}. The score is the client's."
)
CONTEXT_HELP = "What routing may look at: - {name: channel, type: string, values: [web, app]}."
KEEP_HELP = "all, none, or a list of names: which features the event log keeps, for replays and explanations."


class IntentFields(ActForm):
    """What an intent is made of."""

    known_as = {**ActForm.known_as, "context": "context_attributes"}  # a form has a `context` of its own
    needs = Act.MANAGE_TENANT
    description = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 2}))
    features = YamlField(help_text=FEATURES_HELP)
    context_attributes = YamlField(required=False, help_text=CONTEXT_HELP)
    thresholds = YamlField(required=False, help_text=THRESHOLDS_HELP)
    keep_features = YamlField(
        initial="all", help_text=KEEP_HELP, widget=forms.Textarea(attrs={"rows": 1, "class": "code"})
    )
    idempotency_seconds = forms.IntegerField(
        min_value=0,
        max_value=7 * 24 * 3600,
        initial=3600,
        help_text="A repeated event id within this time is one event.",
    )

    def values(self) -> dict[str, Any]:
        data = dict(self.cleaned_data)
        data["context"] = data.pop("context_attributes") or []
        data["thresholds"] = data["thresholds"] or []
        return data


class InferIntentFeatures(InferFeatures):
    title, needs = "Start from a sample file", Act.MANAGE_TENANT
    hint = "A CSV or Parquet file of events fills in the features below; nothing is kept of it."


class CreateIntent(IntentFields):
    name, label, title = "create", "Create the intent", "The intent"
    done = "The intent is there. Next: fit a transform, then propose a release that serves it."
    called = forms.CharField(
        label="Name", max_length=63, validators=[slug], help_text="What clients ask for, as card-payments. It stays."
    )
    field_order = ["called"]

    def start(self) -> Mapping[str, Any]:
        return {**inferred(self), "keep_features": "all"}

    def perform(self) -> str:
        values, page = self.values(), self.page
        assert isinstance(page, NewIntent)
        made = services.create_intent(tenant=page.tenant, name=values.pop("called"), actor=page.person, **values)
        return page.at("intent", intent=made.name)


class NewIntent(InferringPage, TenantPage):
    title, tab, acts = "New intent", "tenant", (InferIntentFeatures, CreateIntent)
    lead = "What the client asks for, and sends with each event. Models come behind it, and may change."


class ChangeIntent(IntentFields):
    name, label, title, in_dialog = "change", "Save", "Change this intent", True
    hint = "What is served changes with the next release, not now."

    def start(self) -> Mapping[str, Any]:
        intent = self.intent
        shown = {
            name: getattr(intent, name) for name in ("description", "features", "thresholds", "idempotency_seconds")
        }
        return {**shown, "context_attributes": intent.context, "keep_features": services.keeps(intent)}

    @property
    def intent(self) -> Intent:
        assert isinstance(self.page, IntentPage)
        return self.page.intent

    def perform(self) -> None:
        services.change_intent(intent=self.intent, changes=self.values(), actor=self.page.person)


class IntentPage(TenantPage):
    """What is served for this intent, and how does it do?"""

    tab, about, acts = "tenant", "intent", (ChangeIntent,)

    @cached_property
    def intent(self) -> Intent:
        return get_object_or_404(selectors.intents(self.tenant), name=self.kwargs["intent"])

    def heading(self) -> str:
        return self.intent.name

    @cached_property
    def served(self) -> documents.Intent | None:
        current = releases.current(self.tenant)
        return documents.decode(current.document).intents.get(self.intent.name) if current else None

    def parts(self) -> Iterable[Part]:
        yield from self._routes()
        yield self._thresholds()
        yield self._ways_on()
        yield Facts(
            [("Features", Cell(len(self.intent.features))), ("Kept in the log", code(services.keeps(self.intent)))]
        )
        yield Code(_call(self.request.get_host(), self.intent), "Score an event")
        yield self._fits()

    def _routes(self) -> Iterable[Part]:
        if self.served is None:
            yield Note(
                "Fit or make a transform, then propose a change that routes this intent to it.",
                "wait",
                "Not served yet",
            )
            return
        yield Table(["Route"], [[Cell(each)] for each in routes_in_words(self.served)], title="Routes, in their order")

    def _thresholds(self) -> Part:
        day = next(iter(serving.last_day(self.tenant, self.intent.name)), None)
        events, alerts = (day["events"], day["alerts"]) if day else (0, {})
        return Table(
            ["Threshold", "Score", "Action", "Alerts, 24 h", "Alert rate"],
            [
                [
                    Cell(each["name"]),
                    number(each["score"], 4),
                    Cell(each.get("action", "review")),
                    number(alerts.get(each["name"], 0)),
                    percent(alerts.get(each["name"], 0) / events if events else None),
                ]
                for each in self.intent.thresholds
            ],
            title=f"Thresholds, over the {events:,} events of the last 24 hours",
            empty="No threshold is declared. Evidence and gates need them: change this intent.",
        )

    def _ways_on(self) -> Part:
        query = f"?intent={self.intent.name}"
        links = []
        if may(self.person, Act.FIT, self.tenant):
            links += [
                ("Fit a transform", self.at("new_fit") + query),
                ("Cold start", self.at("transforms") + query),
            ]
        if may(self.person, Act.PROPOSE, self.tenant):
            links.append(("Propose a change", self.at("new_change") + query))
        return Links(links)

    def _fits(self) -> Part:
        rows = fitting.fits(self.tenant).filter(intent=self.intent)[:10]
        return Table(
            ["Fit", "Predictor", "State", "Asked for"],
            [
                [
                    link(f"fit {row.pk}", "fit", tenant=self.tenant.slug, fit=row.pk),
                    Cell(row.predictor.key),
                    badge(row.state),
                    when(row.created_at),
                ]
                for row in rows
            ],
            title="Latest fits",
            empty="No transform was fitted for this intent yet.",
        )


_EXAMPLES: dict[str, str] = {"number": "1.5", "integer": "1", "boolean": "true"}


def _call(host: str, intent: Intent) -> str:
    """A line for a client's engineer; the address is the scoring service's."""
    values = [f'"{each["name"]}": {_example(each)}' for each in intent.features]
    body = f'{{"intent": "{intent.name}", "features": {{{", ".join(values)}}}}}'
    scoring = f"http://{host.split(':')[0]}:{settings.ENV['MUSE_SCORING_PORT']}"
    return (
        f"curl {scoring}/api/v1/score -H 'Authorization: Bearer YOUR_KEY' \\\n"
        f"  -H 'Content-Type: application/json' -d '{body}'"
    )


def _example(feature: Mapping[str, Any]) -> str:
    categories = feature.get("categories") or ["a"]
    if feature.get("minimum") is not None and feature.get("type", "number") in ("number", "integer"):
        return f"{feature['minimum']:g}"
    return _EXAMPLES.get(feature.get("type", "number"), f'"{categories[0]}"')
