"""Setting an intent up, and changing it."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db import transaction

from models_app.changes.policy_changes.services import check_segments
from models_app.console.intents.base import BelowIntent
from models_app.console.intents.kept import KeptFields
from models_app.console.ui.actions import ActionForm, PageT
from models_app.console.ui.inference import InferFeatures, InferringPage, filling, inferred, tell
from models_app.console.ui.page import TenantPage
from models_app.console.ui.rows import RowsField
from models_app.console.ui.schema_rows import FEATURES_HELP, AttributeRow, FeatureRow, ThresholdRow
from models_app.intents import services
from models_app.releases import fallbacks
from tenants.models.tenant import slug
from tenants.roles import Permission

THRESHOLDS_HELP = "The scores at which the client's own system acts, and what it does there."
CONTEXT_HELP = (
    "Attributes that routing rules may use beside the features. Values are comma-separated; empty allows any."
)


class IntentFields(ActionForm[PageT]):
    """What an intent is made of."""

    service_names = {**ActionForm.service_names, "context": "context_attributes"}  # a form has a `context` of its own
    needs = Permission.MANAGE_TENANT
    description = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 2}))
    features = RowsField(FeatureRow, help_text=FEATURES_HELP)
    context_attributes = RowsField(AttributeRow, required=False, help_text=CONTEXT_HELP)
    thresholds = RowsField(ThresholdRow, required=False, help_text=THRESHOLDS_HELP)
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

    def values(self) -> dict[str, Any]:
        data = dict(self.cleaned_data)
        data["context"] = data.pop("context_attributes")
        return data


class InferIntentFeatures(InferFeatures["NewIntent"]):
    title, needs, in_dialog = "Start from a sample file", Permission.MANAGE_TENANT, True
    hint = "A CSV or Parquet file of events fills in the features. The file is not kept."


class CreateIntent(KeptFields, IntentFields["NewIntent"]):
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
        return {**shown, "context_attributes": intent.context, "seen": services.fingerprint(intent)}

    def perform(self) -> str:
        intent, changes = self.page.intent, self.values()
        seen = changes.pop("seen")
        with transaction.atomic():
            check_segments(intent, changes)
            services.change_intent(intent=intent, seen=seen, changes=changes, actor=self.page.person)
        return self.page.at("intent", intent=intent.name)


class ChangeIntent(BelowIntent):
    """What shall the next release have of it?"""

    actions = (SaveIntent,)

    def heading(self) -> str:
        return f"Edit {self.intent.name}"
