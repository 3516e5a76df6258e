"""Setting an intent up, and changing it."""

from collections.abc import Mapping
from typing import Any

from django import forms

from models_app.console.intents.base import BelowIntent
from models_app.console.ui.actions import ActionForm, PageT
from models_app.console.ui.inference import InferFeatures, InferringPage, filling, inferred, tell
from models_app.console.ui.page import TenantPage
from models_app.console.ui.rows import RowsField
from models_app.console.ui.schema_rows import FEATURES_HELP, AttributeRow, FeatureRow, ThresholdRow, WordsField
from models_app.intents import services
from models_app.releases import fallbacks
from tenants.models.tenant import slug
from tenants.roles import Permission

THRESHOLDS_HELP = "The scores at which the client's own system acts, and what it does there."
CONTEXT_HELP = (
    "Attributes that routing rules may use beside the features. Values are comma-separated; empty allows any."
)
KEEP_HELP = "The features that the event log keeps, for replays and explanations."
KEPT_HELP = "Feature names, comma-separated."
SOME = "some"
KEEP = (("all", "all"), ("none", "none"), (SOME, "these alone"))


class IntentFields(ActionForm[PageT]):
    """What an intent is made of."""

    service_names = {**ActionForm.service_names, "context": "context_attributes"}  # a form has a `context` of its own
    needs = Permission.MANAGE_TENANT
    description = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 2}))
    features = RowsField(FeatureRow, help_text=FEATURES_HELP)
    context_attributes = RowsField(AttributeRow, required=False, help_text=CONTEXT_HELP)
    thresholds = RowsField(ThresholdRow, required=False, help_text=THRESHOLDS_HELP)
    keep_features = forms.ChoiceField(choices=KEEP, initial="all", help_text=KEEP_HELP)
    kept = WordsField(label="These features", required=False, help_text=KEPT_HELP)
    idempotency_seconds = forms.IntegerField(
        min_value=0,
        max_value=7 * 24 * 3600,
        initial=3600,
        label="Deduplication window, seconds",
        help_text="An event that is sent again with the same id within this time counts once.",
    )
    fall_back_to_previous = forms.BooleanField(
        required=False, label="If a predictor fails, the previous one answers", help_text=fallbacks.PREVIOUS_HELP
    )
    fallback_score = forms.FloatField(
        required=False, min_value=0, max_value=1, label="If no predictor answers, score", help_text=fallbacks.SCORE_HELP
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("keep_features") == SOME and data.get("kept") == []:
            self.add_error("kept", "Name at least one, or keep all or none.")
        return data

    def values(self) -> dict[str, Any]:
        data = dict(self.cleaned_data)
        data["context"] = data.pop("context_attributes")
        kept = data.pop("kept")
        return {**data, "keep_features": kept} if data["keep_features"] == SOME else data


class InferIntentFeatures(InferFeatures["NewIntent"]):
    title, needs, in_dialog = "Start from a sample file", Permission.MANAGE_TENANT, True
    hint = "A CSV or Parquet file of events fills in the features. The file is not kept."


class CreateIntent(IntentFields["NewIntent"]):
    name, label, title = "create", "Create intent", "Intent"
    success = "Intent created. These are the steps to its first score."
    called = forms.CharField(
        label="Name",
        max_length=63,
        validators=[slug],
        help_text="The name that clients send, such as card-payments. It cannot be changed later.",
    )
    file = forms.FileField(
        label="Sample of events",
        required=False,
        widget=forms.FileInput(attrs=filling("create")),
        help_text="CSV or Parquet: its columns fill in the features below. The file is not kept.",
    )
    field_order = ["called", "description", "file"]

    def initial_values(self) -> Mapping[str, Any]:
        return inferred(self)

    def prepare(self) -> None:
        tell(self, FEATURES_HELP)

    def perform(self) -> str:
        values, page = self.values(), self.page
        del values["file"]
        intent = services.create_intent(tenant=page.tenant, name=values.pop("called"), actor=page.person, **values)
        return page.at("intent_setup", intent=intent.name)


class NewIntent(InferringPage, TenantPage):
    title, tab, actions = "New intent", "tenant", (InferIntentFeatures, CreateIntent)
    intro = "An intent is what the client asks for and sends with each event. The models behind it may change."


class SaveIntent(IntentFields["ChangeIntent"]):
    name, label, success = "change", "Save", "Saved. The next change request takes it in."
    hint = "The live configuration changes with the next release, not now."
    seen = forms.CharField(required=False, widget=forms.HiddenInput)  # what it was as the page was opened

    def initial_values(self) -> Mapping[str, Any]:
        intent = self.page.intent
        shown = {
            name: getattr(intent, name)
            for name in (
                *("description", "features", "thresholds", "idempotency_seconds"),
                *("fall_back_to_previous", "fallback_score"),
            )
        }
        keeps = services.keeps(intent) or "none"
        kept = {"keep_features": keeps} if isinstance(keeps, str) else {"keep_features": SOME, "kept": keeps}
        return {**shown, "context_attributes": intent.context, **kept, "seen": services.fingerprint(intent)}

    def perform(self) -> str:
        intent, changes = self.page.intent, self.values()
        services.change_intent(intent=intent, seen=changes.pop("seen"), changes=changes, actor=self.page.person)
        return self.page.at("intent", intent=intent.name)


class ChangeIntent(BelowIntent):
    """What shall the next release have of it?"""

    actions = (SaveIntent,)

    def heading(self) -> str:
        return f"Edit {self.intent.name}"
