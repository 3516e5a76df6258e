"""A new model version: its file, what it takes, and how it was trained."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpResponse

from models_app.catalog import labels, selectors
from models_app.catalog.models import ModelVersion
from models_app.catalog.register import register_model
from models_app.console.ui.actions import ActionForm
from models_app.console.ui.inference import InferFeatures, InferringPage, columns_message, features_of, filling, tell
from models_app.console.ui.page import SharedPage
from models_app.console.ui.panels import address
from models_app.console.ui.rows import RowsField
from models_app.console.ui.schema_rows import FEATURES_HELP, FeatureRow
from models_app.inputs import uploads
from models_app.modelfiles import onnx_file
from models_app.modelfiles.names import features_named, is_lightgbm
from tenants.models.tenant import slug
from tenants.roles import Permission

Format = ModelVersion.Format
BETA_HELP = (
    "The share of negatives (events without fraud) that were kept in training: 1 where all were. Training on few of "
    "them makes outputs too high; β takes that out of the probability again."
)
RISK_HELP = (
    "Which of an ONNX file's class labels is the risk: those that it has are offered once the file is chosen. Of the "
    "labels 0 and 1 it is 1; a file without labels needs no answer."
)
EVENTS_HELP = (
    "CSV or Parquet: events that the model was not trained on, a column for each feature. The file is run on them, and "
    "compared with the labels and outputs that come with them."
)
READS_NAMES = {
    **filling("register"),
    "hx-select-oob": "#register-file_format,#register-risk_label,#register-features_helptext",
}


class InferModelFeatures(InferFeatures["NewModel"]):
    title, label, in_dialog, needs = "Take features from a file", "Read features", True, Permission.EDIT_SHARED
    hint = (
        "A LightGBM text file names its own; else a CSV or Parquet file of events with the model's features as its "
        "columns, in its order. The file is not kept."
    )

    def perform(self) -> HttpResponse:
        page, upload = self.page, self.cleaned_data["file"]
        uploads.measure(upload, field="file", max_bytes=settings.ENV["MUSE_MODEL_MAX_BYTES"])
        with uploads.spooled(upload) as path:
            if is_lightgbm(path):
                page.file_format = Format.LIGHTGBM
                page.features = page.as_declared(features_named(path))
                page.message = f"The file names its {len(page.features):,} features. Check their types."
            elif onnx_file.may_be(path):
                page.file_format = Format.ONNX
                page.message = "An ONNX file names no features. Enter them, or take them from a sample of events."
                page.labels = labels.to_choose_from(upload)
            else:
                page.features = features_of(upload, settings.ENV["MUSE_SAMPLE_MAX_BYTES"])
                page.message = columns_message(len(page.features))
        answer = page.render()
        if not page.features:
            answer["HX-Reswap"] = "none"  # what was typed meanwhile stays
        return answer


class RegisterModel(ActionForm["NewModel"]):
    name, label, needs = "register", "Upload and check", Permission.EDIT_SHARED
    hint = "A worker checks the file: its features, its outputs, and that single events and batches agree."
    success = "Uploaded. The file is being checked."
    service_names = {**ActionForm.service_names, "format": "file_format"}
    file = forms.FileField(
        label="Model file", help_text="ONNX or LightGBM text format.", widget=forms.FileInput(attrs=READS_NAMES)
    )
    called = forms.CharField(
        label="Name", max_length=63, validators=[slug], help_text="An existing name gets a new version."
    )
    file_format = forms.ChoiceField(choices=Format.choices)
    risk_label = forms.CharField(required=False, max_length=200, help_text=RISK_HELP, widget=forms.Select)
    features = RowsField(FeatureRow, help_text=f"In the model's order. {FEATURES_HELP}")
    beta = forms.FloatField(initial=1.0, label="β", help_text=BETA_HELP)
    validation_scores = forms.FileField(
        required=False,
        help_text="The model's outputs on validation data, one column. A default transform can be made of them.",
    )
    validation_events = forms.FileField(required=False, help_text=EVENTS_HELP)
    label_column = forms.CharField(
        required=False,
        max_length=200,
        help_text="Of the validation events: 1 or 0, true or false. Empty: label, if any.",
    )
    score_column = forms.CharField(
        required=False,
        max_length=200,
        help_text="Of the validation events: the model's outputs as its makers got them. Empty: score, if any.",
    )
    notes = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def initial_values(self) -> Mapping[str, Any]:
        page = self.page
        name = page.request.GET.get("name")
        features = page.features or selectors.latest_features(name or "")
        return {"features": features, "file_format": page.file_format, "called": name}

    def prepare(self) -> None:
        tell(self, FEATURES_HELP)
        self._offer_labels(self.page.labels or [each for each in [self.data.get("risk_label")] if each])

    def perform(self) -> str:
        data = dict(self.cleaned_data)
        name, upload = data.pop("called"), data.pop("file")
        try:
            model = register_model(actor=self.page.person, name=name, upload=upload, **data)
        except labels.WhichLabelError as error:
            self._offer_labels(error.labels)
            raise
        return address("model", name=model.name, version=model.version)

    def _offer_labels(self, found: Sequence[str]) -> None:
        widget = self.fields["risk_label"].widget
        assert isinstance(widget, forms.Select)
        widget.choices = [("", "–"), *((each, each) for each in found)]


class NewModel(InferringPage, SharedPage):
    """Which file, and what does it take?"""

    title, actions = "New model version", (InferModelFeatures, RegisterModel)
    intro = "The file cannot be changed later. A retrained model is a new version."
    file_format: str = Format.ONNX
    labels: Sequence[str] = ()

    def breadcrumbs(self) -> Sequence[tuple[str, str]]:
        return (("Models", address("models")),)

    def as_declared(self, named: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """The features that a file names, those as they stand in the form already that do: it knows more of them."""
        field = RegisterModel.base_fields["features"]
        assert isinstance(field, RowsField)
        typed = field.widget.value_from_datadict(self.request.POST, {}, "features")
        rows = [row for row in field.rows_of(typed) if row.is_valid()]
        declared = {row.cleaned_data["name"]: row.part() for row in rows}
        return [declared.get(each["name"], each) for each in named]
