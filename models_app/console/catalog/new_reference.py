"""A new reference distribution: a page for each kind, with the fields that it takes, drawn before it is made."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from django import forms
from django.http import HttpResponse

from models_app.catalog.models import ReferenceDistribution
from models_app.catalog.references import checked_parameters, create_reference
from models_app.console.catalog.references import drawn, scores
from models_app.console.ui.actions import ActionForm
from models_app.console.ui.numbers import LinesField
from models_app.console.ui.page import SharedPage
from models_app.console.ui.panels import Panel, Section, address
from models_app.statistics.references import Reference
from tenants.models.tenant import slug
from tenants.roles import Permission

Kind = ReferenceDistribution.Kind


class CreateReference(ActionForm["NewReference"]):
    """What all kinds share; a kind adds its fields and says what they mean."""

    name, label, needs, success = "create", "Create reference", Permission.EDIT_SHARED, "Reference created."
    extra_buttons = (("draw", "Preview"),)
    kind: Kind
    called = forms.CharField(
        label="Name", max_length=63, validators=[slug], help_text="An existing name gets a new version."
    )
    notes = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def prepare(self) -> None:
        if self.is_pressed("draw"):
            self.fields["called"].required = False
        self.order_fields(["called", *(name for name in self.fields if name not in ("called", "notes")), "notes"])

    def parameters(self) -> dict[str, Any]:
        raise NotImplementedError

    def perform(self) -> str | HttpResponse:
        page, data = self.page, self.cleaned_data
        if self.is_pressed("draw"):
            page.drawn = checked_parameters(self.kind, self.parameters())
            self.fields["called"].required = True  # the next time it may be to make it
            return page.answer([self])
        reference = create_reference(
            actor=page.person, name=data["called"], kind=self.kind, parameters=self.parameters(), notes=data["notes"]
        )
        return address("reference", name=reference.name, version=reference.version)


class CreateBeta(CreateReference):
    kind = Kind.BETA
    service_names = {**ActionForm.service_names, "parameters": "a"}
    hint = "Beta(a, b) has its mean at a / (a + b). A larger b makes high scores rarer. Both are above 0."
    a = forms.FloatField(initial=2, min_value=0, label="a")
    b = forms.FloatField(initial=20, min_value=0, label="b")

    def parameters(self) -> dict[str, Any]:
        return {"a": self.cleaned_data["a"], "b": self.cleaned_data["b"]}


class CreateCurve(CreateReference):
    kind = Kind.CURVE
    service_names = {**ActionForm.service_names, "parameters": "points"}
    hint = "The share of events that reaches each score. Between points the logarithm of the rate is linear."
    points = LinesField(
        columns=("score", "alert rate in %"),
        initial="0.5   10\n0.7   5\n0.9   1\n0.95   0.5",
        help_text="One line for each point: the score, then the alert rate in %. Scores rise and alert rates fall.",
    )

    def clean_points(self) -> list[list[float]]:
        """Check the points in the form's units; the service would speak of its own."""
        points: list[list[float]] = self.cleaned_data["points"]
        low, high = 0.0, 100.0
        for line, (score, percent) in enumerate(points, start=1):
            if not low < score < 1:
                raise forms.ValidationError(f"line {line}: expected a score above {low:g} and below 1, found {score:g}")
            if not 0 < percent < high:
                words = f"expected an alert rate above 0 and below {high:g} %, found {percent:g} %"
                raise forms.ValidationError(f"line {line}: {words}")
            low, high = score, percent
        return points

    def parameters(self) -> dict[str, Any]:
        points = self.cleaned_data["points"]
        return {"points": [{"score": score, "alert_rate": percent / 100} for score, percent in points]}


class NewReference(SharedPage):
    """What shall scores follow?"""

    title = "New reference distribution"
    intro = "Choose it so that each threshold has the alert rate that its client wants. It cannot be changed later."
    words: ClassVar[str]
    page: ClassVar[str]  # its name among the addresses
    drawn: Reference | None = None

    def breadcrumbs(self) -> Sequence[tuple[str, str]]:
        return (("Reference distributions", address("references")),)

    def tabs(self) -> Sequence[tuple[str, str, bool]]:
        return [(each.words, address(each.page), each is type(self)) for each in KINDS]

    def panels(self) -> Iterable[Panel]:
        if self.drawn is not None:
            yield Section("drawn", "Preview", list(drawn(self.drawn)), hint="Nothing is saved yet.")

    def aside(self) -> Iterable[Panel]:
        if self.drawn is not None:
            yield scores(self.drawn)


class NewCurve(NewReference):
    words, page, actions = "Curve of alert rates", "new_curve", (CreateCurve,)


class NewBeta(NewReference):
    words, page, actions = "Beta", "new_beta", (CreateBeta,)


KINDS: Sequence[type[NewReference]] = (NewCurve, NewBeta)
