"""Setting an intent up, and changing it."""

from collections.abc import Mapping
from typing import Any

from django import forms

from models_app.console.acts import ActForm
from models_app.console.fields import YamlField
from models_app.console.inference import InferFeatures, InferringPage, inferred
from models_app.console.page import TenantPage
from models_app.services import intents as services
from tenants.models import Intent
from tenants.models.tenant import slug
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
    context_attributes = YamlField(rows=3, required=False, help_text=CONTEXT_HELP)
    thresholds = YamlField(rows=3, required=False, help_text=THRESHOLDS_HELP)
    keep_features = YamlField(rows=1, initial="all", help_text=KEEP_HELP)
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
    done = "The intent is there. These are the steps to its first score."
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
        return page.at("intent_setup", intent=made.name)


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
        intent = getattr(self.page, "intent", None)
        assert isinstance(intent, Intent)
        return intent

    def perform(self) -> None:
        services.change_intent(intent=self.intent, changes=self.values(), actor=self.page.person)
