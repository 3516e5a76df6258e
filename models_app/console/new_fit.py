"""Asking for a fit: what of, and what its events would give, told before it is sent."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError

from models_app.console import choices
from models_app.console.page import TenantPage
from models_app.console.parts import Cell, Note, Part, Stat, Stats, Watching, number
from models_app.console.recipes import TransformForm
from models_app.fitting.estimate import estimate
from models_app.selectors import fitting
from models_app.services.fits import request_fit
from models_app.statistics.sample_size import Verdict

SOURCES = (*choices.WINDOWS, ("sample", "An uploaded sample"))


class RequestFit(TransformForm):
    name, label = "fit", "Fit"
    hint = "A worker maps the predictor's probabilities on this tenant's own events to the reference distribution."
    done = "The fit is under way. You may leave this page."
    source = forms.ChoiceField(choices=SOURCES)
    days = forms.FloatField(initial=14, min_value=0, help_text="The window up to now, in days of occurred_at.")
    sample = forms.ChoiceField(required=False, help_text="For an uploaded sample.")

    def start(self) -> Mapping[str, Any]:
        page, asked = self.page, self.page.request.GET
        assert isinstance(page, TenantPage)
        latest = fitting.transforms(page.tenant).defer("x", "y", "report").first()
        known = {"predictor": latest.predictor.key, "reference": latest.reference.key} if latest else {}
        return known | {name: asked[name] for name in self.base_fields if asked.get(name)}

    def prepare(self) -> None:
        super().prepare()
        assert self.page.tenant
        samples = fitting.samples(self.page.tenant)[:100]
        told = [(str(row.pk), f"{row.pk}: {row.name}, {row.rows:,} rows") for row in samples]
        self.offer(sample=[("", "none"), *told])

    def chosen_source(self) -> dict[str, Any]:
        """As services want it."""
        data = self.cleaned_data
        if data["source"] == "sample":
            return {"kind": "sample", "sample": int(data["sample"] or 0)}
        return {"kind": data["source"], "days": data["days"]}

    def perform(self) -> str:
        page = self.page
        assert isinstance(page, TenantPage)
        return page.at("fit", fit=request_fit(**self.recipe(), source=self.chosen_source()).pk)


class NewFit(TenantPage):
    """Which events shall a transform be fitted on, and are they enough?"""

    title, tab, acts = "New fit", "fits", (RequestFit,)

    def trail(self) -> Sequence[tuple[str, str]]:
        return (*super().trail(), ("Fits", self.at("fits")))

    def aside(self) -> Iterable[Part]:
        yield Watching("fit", list(self._told()))

    def _told(self) -> Iterable[Part]:
        """What the chosen events would give."""
        form = RequestFit(self, self._chosen())
        if not form.is_valid():
            yield Note("Choose what to fit, and from which events.", heading="How many events are there?")
            return
        try:
            found = estimate(**_without_actor(form.recipe()), source=form.chosen_source())
        except ValidationError as error:
            yield Note(" ".join(error.messages), "wait", "These events cannot be counted")
            return
        yield Note(found.sentence, TONES[found.verdict], HEADINGS[found.verdict])
        yield Stats([Stat("Events", number(found.n)), Stat("Expected error", _error(found.relative_error))])

    def _chosen(self) -> dict[str, Any]:
        """What the form's fields hold: as they begin, a list with its first choice, and as they were changed since."""
        form = RequestFit(self)
        begins = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
        offered = {
            name: cast(Iterable[tuple[str, str]], field.choices)
            for name, field in form.fields.items()
            if isinstance(field, forms.ChoiceField) and not begins[name]
        }
        first = {name: next((value for value, _ in each), "") for name, each in offered.items()}
        return begins | first | {name: value for name, value in self.request.GET.items() if name in form.fields}


TONES = {Verdict.ENOUGH: "good", Verdict.FLAGGED: "wait", Verdict.REFUSED: "bad"}
HEADINGS = {
    Verdict.ENOUGH: "Enough events",
    Verdict.FLAGGED: "Fewer events than there should be",
    Verdict.REFUSED: "Too few events: this fit would be refused",
}


def _without_actor(recipe: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in recipe.items() if name != "actor"}


def _error(relative: float) -> Cell:
    return Cell(f"±{100 * relative:.3g} %" if math.isfinite(relative) else "–", kind="number")
