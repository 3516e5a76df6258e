"""Predictors: what probabilities are made of."""

from collections.abc import Iterable, Sequence
from functools import cached_property

from django import forms
from django.shortcuts import get_object_or_404

from models_app.console.acts import ActForm, YamlField
from models_app.console.listing import Listing
from models_app.console.page import SharedPage
from models_app.console.parts import Cell, Facts, Part, Table, address, link, number, when
from models_app.models import PredictorVersion, Transform
from models_app.selectors import catalog
from models_app.services.errors import invalid
from models_app.services.predictors import create_predictor
from tenants.models.tenant import slug
from tenants.roles import Act


class Compose(ActForm):
    in_dialog = prominent = True
    name, label, title, needs, done = "compose", "Compose it", "New predictor version", Act.EDIT_SHARED, "Composed."
    hint = "One or more usable models, each with its posterior correction, and how they become one probability."
    called = forms.CharField(
        label="Name", max_length=63, validators=[slug], help_text="A name that is there gets a new version."
    )
    members = YamlField(
        widget=forms.Textarea(attrs={"rows": 3, "class": "code", "spellcheck": "false"}),
        help_text="A line for each model: - {model: cards-lightgbm@1, weight: 1}. β is the model's own unless given.",
    )
    aggregation = forms.ChoiceField(choices=PredictorVersion.Aggregation.choices)
    notes = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def perform(self) -> str:
        data = dict(self.cleaned_data)
        if not isinstance(data["members"], list) or not all(isinstance(each, dict) for each in data["members"]):
            raise invalid("members", "expected a list of models, a line for each: - {model: cards@1}")
        made = create_predictor(actor=self.page.person, name=data.pop("called"), **data)
        return address("predictor", name=made.name, version=made.version)


class Predictors(SharedPage):
    title, acts = "Predictors", (Compose,)

    def parts(self) -> Iterable[Part]:
        listing = Listing(self.request, catalog.predictors(), ("name", "members__model__name"))
        yield listing.table(
            ["Predictor", "Models", "Aggregation", "Made"], _row, empty="No predictor yet. Compose one."
        )


def _row(row: PredictorVersion) -> list[Cell]:
    return [
        link(row.key, "predictor", name=row.name, version=row.version),
        Cell(", ".join(member.model.key for member in row.members.all())),
        Cell(row.get_aggregation_display()),
        when(row.created_at),
    ]


class PredictorPage(SharedPage):
    about = "predictor"

    @cached_property
    def predictor(self) -> PredictorVersion:
        return get_object_or_404(catalog.predictors(), name=self.kwargs["name"], version=self.kwargs["version"])

    def heading(self) -> str:
        return self.predictor.key

    def trail(self) -> Sequence[tuple[str, str]]:
        return (("Predictors", address("predictors")),)

    def parts(self) -> Iterable[Part]:
        row = self.predictor
        yield Facts(
            [
                ("Aggregation", Cell(row.get_aggregation_display())),
                ("Made", when(row.created_at)),
                ("Notes", Cell(row.notes or "–")),
            ]
        )
        members = [
            [
                link(each.model.key, "model", name=each.model.name, version=each.model.version),
                number(each.beta, 4),
                number(each.weight, 3),
            ]
            for each in row.members.all()
        ]
        yield Table(["Model", "β", "Weight"], members, title="Models")
        yield self._used()

    def _used(self) -> Part:
        rows = Transform.objects.filter(predictor=self.predictor).select_related(
            "tenant", "intent__tenant", "reference"
        )
        shown = [
            [
                link(each.pk, "transform", tenant=each.tenant.slug, transform=each.pk),
                Cell(each.tenant.name),
                Cell(each.intent.name),
                Cell(each.reference.key),
            ]
            for each in rows.defer("x", "y", "report")[:200]
        ]
        return Table(
            ["Transform", "Tenant", "Intent", "Reference"],
            shown,
            title="Where it is used",
            empty="No transform is for it yet.",
        )
