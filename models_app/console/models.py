"""Models: what do we have, and is it sound?"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from django import forms
from django.shortcuts import get_object_or_404

from models_app.console.acts import ActForm, YamlField
from models_app.console.inference import InferFeatures, InferringPage, inferred
from models_app.console.intents import FEATURES_HELP
from models_app.console.listing import Listing
from models_app.console.page import SharedPage
from models_app.console.parts import Cell, Facts, Note, Part, Table, address, badge, code, link, number, when
from models_app.models import ModelVersion, PredictorVersion
from models_app.selectors import catalog
from models_app.services.registry import register_model
from tenants.models.tenant import slug
from tenants.roles import Act


class InferModelFeatures(InferFeatures):
    title, in_dialog, needs = "Take features from a sample file", True, Act.EDIT_SHARED
    hint = "A CSV or Parquet file with the model's features, in its order, fills them in below; nothing is kept of it."


class RegisterModel(ActForm):
    name, label, title, needs = "register", "Upload and check", "New model version", Act.EDIT_SHARED
    hint = "A worker checks it in a process of its own: its features and results, and that one event and a batch agree."
    done = "Uploaded. It is being checked."
    known_as = {**ActForm.known_as, "format": "file_format"}
    file = forms.FileField(help_text="ONNX, or LightGBM's own text format.")
    called = forms.CharField(
        label="Name", max_length=63, validators=[slug], help_text="A name that is there gets a new version."
    )
    file_format = forms.ChoiceField(choices=ModelVersion.Format.choices)
    features = YamlField(help_text=f"In the model's order. {FEATURES_HELP}")
    beta = forms.FloatField(initial=1.0, label="β", help_text="The share of negatives kept in training, in (0, 1].")
    notes = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 2}))
    validation_scores = forms.FileField(
        required=False, help_text="The model's outputs on validation data, one column. For cold starts."
    )

    def start(self) -> Mapping[str, Any]:
        return inferred(self)

    def perform(self) -> str:
        data = dict(self.cleaned_data)
        made = register_model(actor=self.page.person, name=data.pop("called"), upload=data.pop("file"), **data)
        return address("model", name=made.name, version=made.version)


class Models(InferringPage, SharedPage):
    title, acts = "Models", (InferModelFeatures, RegisterModel)

    def parts(self) -> Iterable[Part]:
        listing = Listing(self.request, catalog.models(), ("name",), {"state": ("state", ModelVersion.State.values)})
        headers = ["Model", "State", "Format", "β", "Features", "Uploaded", "By"]
        yield listing.table(headers, _row, empty="No model yet. Upload the first one below.")


def _row(row: ModelVersion) -> list[Cell]:
    return [
        link(row.key, "model", name=row.name, version=row.version),
        badge(row.state),
        Cell(row.get_file_format_display()),
        number(row.beta, 3),
        number(len(row.features)),
        when(row.created_at),
        Cell(row.created_by or "–"),
    ]


class ModelPage(SharedPage):
    about = "model"

    @cached_property
    def model(self) -> ModelVersion:
        rows = catalog.models().defer(None).defer("parity", "validation_quantiles")
        return get_object_or_404(rows, name=self.kwargs["name"], version=self.kwargs["version"])

    def heading(self) -> str:
        return self.model.key

    def trail(self) -> Sequence[tuple[str, str]]:
        return (("Models", address("models")),)

    def is_busy(self) -> bool:
        return self.model.state == ModelVersion.State.CHECKING

    def live_parts(self) -> Iterable[Part]:
        if self.is_busy():
            yield Note("A worker is checking it.", "wait", "Checking")
        if self.model.reason:
            yield Note(self.model.reason, "bad", "It cannot be used")

    def parts(self) -> Iterable[Part]:
        row = self.model
        yield Facts(
            [
                ("State", badge(row.state)),
                ("Format", Cell(row.get_file_format_display())),
                ("β", number(row.beta, 4)),
                ("Size", Cell(f"{row.uploaded_bytes:,} bytes")),
                ("Digest", code((row.digest or row.uploaded_digest)[:12])),
                ("Uploaded", when(row.created_at)),
                ("Checked", when(row.checked_at)),
                ("Notes", Cell(row.notes or "–")),
            ]
        )
        yield _checks(row.checks)
        yield self._used()
        names = [
            [code(each["name"]), Cell(each.get("type", "number")), Cell("yes" if each.get("nullable") else "no")]
            for each in row.features
        ]
        yield Table(["Feature", "Type", "May be null"], names, title="Features, in the model's order")

    def _used(self) -> Part:
        rows = PredictorVersion.objects.filter(members__model=self.model).distinct()
        shown = [
            [link(each.key, "predictor", name=each.name, version=each.version), Cell(each.aggregation)] for each in rows
        ]
        return Table(["Predictor", "Aggregation"], shown, title="Where it is used", empty="No predictor uses it yet.")


def _checks(checks: Sequence[Mapping[str, Any]]) -> Part:
    rows = [[Cell(each["name"]), Cell(each["found"])] for each in checks]
    return Table(["Check", "Found"], rows, title="Checks passed", empty="None yet.")
