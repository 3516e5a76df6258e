"""Composing a predictor: models by rows, and what they give on recorded events before anything is saved."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.http import HttpResponse

from models_app.catalog.models import PredictorVersion
from models_app.catalog.predictors import create_predictor, members_of
from models_app.catalog.to_document import model_part
from models_app.console.catalog import previews
from models_app.console.ui.actions import ActionForm
from models_app.console.ui.fields import KeyField
from models_app.console.ui.page import SharedPage
from models_app.console.ui.panels import Panel, address
from models_app.console.ui.rows import Row, RowsField
from models_app.inputs.errors import invalid
from models_app.transforms.preview import Preview, Recipe, preview
from scoring.engine import document
from tenants.models.tenant import slug
from tenants.roles import Permission

UNSAVED = "the predictor"


class MemberRow(Row):
    noun = "model"
    model = KeyField("models", label="Model", error_messages={"required": "Choose a model, or clear the row."})
    weight = forms.FloatField(label="Weight", required=False, widget=forms.NumberInput(attrs={"placeholder": "1"}))
    beta = forms.FloatField(label="β", required=False, widget=forms.NumberInput(attrs={"placeholder": "model default"}))


class Compose(ActionForm["NewPredictor"]):
    name, label, needs, success = (
        "compose",
        "Create predictor",
        Permission.EDIT_SHARED,
        "Predictor created. Fit a transform to serve it.",
    )
    extra_buttons = (("preview", "Preview on recorded events"),)
    hint = "Each output is corrected by its β, then all are aggregated into one probability."
    called = forms.CharField(
        label="Name", max_length=63, validators=[slug], help_text="An existing name gets a new version."
    )
    members = RowsField(
        MemberRow,
        label="Models",
        least=3,
        most=50,
        empty="Choose at least one model.",
        help_text="Defaults are weight 1 and the model's β. Empty rows are ignored.",
    )
    aggregation = forms.ChoiceField(choices=PredictorVersion.Aggregation.choices)
    notes = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 2}))
    where = forms.ChoiceField(required=False, label="For the preview: events of")
    days = forms.FloatField(
        required=False, initial=previews.DAYS, min_value=0, label="For the preview: of the last days"
    )

    def initial_values(self) -> Mapping[str, Any]:
        models = self.page.request.GET.getlist("model")
        return {"members": [{"model": key} for key in models]}

    def prepare(self) -> None:
        self.offer(where=previews.places())
        if self.is_pressed("preview"):
            self.fields["called"].required = False

    def perform(self) -> str | HttpResponse:
        page, data = self.page, self.cleaned_data
        if self.is_pressed("preview"):
            page.previewed = self._preview()
            self.fields["called"].required = True  # the next time it may be to make it
            return page.answer([self])
        predictor = create_predictor(
            actor=page.person,
            name=data["called"],
            members=data["members"],
            aggregation=data["aggregation"],
            notes=data["notes"],
        )
        return address("predictor", name=predictor.name, version=predictor.version)

    def _preview(self) -> Preview:
        data = self.cleaned_data
        if data["days"] is None:
            raise invalid("days", "expected a number of days")
        return preview(
            intent=previews.intent_at(self.page.person, data["where"]), recipe=self._recipe(), days=data["days"]
        )

    def _recipe(self) -> Recipe:
        rows = members_of(self.cleaned_data["members"])
        members = tuple(document.Member(row.model.key, row.beta, row.weight) for row in rows)
        predictor = document.Predictor(members, self.cleaned_data["aggregation"])
        return Recipe(UNSAVED, predictor, {row.model.key: model_part(row.model) for row in rows})


class NewPredictor(SharedPage):
    """What do these models give together?"""

    title, actions = "New predictor version", (Compose,)
    intro = "A predictor aggregates one or more models into one probability. Preview it on recorded events first."
    previewed: Preview | None = None

    def breadcrumbs(self) -> Sequence[tuple[str, str]]:
        return (("Predictors", address("predictors")),)

    def panels(self) -> Iterable[Panel]:
        return [previews.outcome(self.previewed)] if self.previewed else []
