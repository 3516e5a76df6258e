"""Asking for a fit: what of, and what its events would give, told before it is sent."""

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from models_app.catalog import selectors as catalog_selectors
from models_app.changes.sample_size import Passing, events_to_pass
from models_app.console.transforms.recipes import TransformForm
from models_app.console.transforms.wording import rate, worth_in_words
from models_app.console.ui import choices
from models_app.console.ui.page import TenantPage
from models_app.console.ui.panels import Cell, Note, Panel, Stat, Stats, Watching, number
from models_app.statistics.sample_size import Assessment, Verdict
from models_app.transforms import selectors as transforms_selectors
from models_app.transforms.estimate import estimate
from models_app.transforms.fits import request_fit
from models_app.transforms.source import LEAST_HALF_LIFE, MAX_HALF_LIFE, window_days
from tenants import selectors as tenants_selectors
from tenants.models import Intent

SOURCES = (*choices.WINDOWS, ("sample", "An uploaded sample"))


class RequestFit(TransformForm["NewFit"]):
    name, label = "fit", "Fit"
    hint = "A worker maps the predictor's probabilities on this tenant's own events to the reference distribution."
    success = "Fit started. You may leave this page."
    source = forms.ChoiceField(choices=SOURCES)
    days = forms.FloatField(
        initial=14,
        min_value=0,
        required=False,
        help_text="The window up to now, by when events occurred. Empty with a half-life: whole weeks of seven of it.",
    )
    half_life_days = forms.FloatField(
        required=False,
        min_value=LEAST_HALF_LIFE,
        max_value=MAX_HALF_LIFE,
        label="Half-life (days)",
        help_text="An event counts half as much for every half-life of its age. Empty: all events count the same.",
    )
    sample = forms.ChoiceField(required=False, help_text="For an uploaded sample.")

    def initial_values(self) -> Mapping[str, Any]:
        return self.page.values

    def prepare(self) -> None:
        page = self.page
        self.offer(intent=[(row.name, row.name) for row in page.intents], sample=page.samples)
        self.offer_routes()

    def chosen_source(self) -> dict[str, Any]:
        """Return the chosen source as services take it."""
        data = self.cleaned_data
        if data["source"] == "sample":
            return {"kind": "sample", "sample": int(data["sample"] or 0)}
        chosen = {"days": data["days"], "half_life_days": data["half_life_days"], "routes": self.chosen_routes()}
        return {"kind": data["source"], **{name: value for name, value in chosen.items() if value not in (None, [])}}

    def perform(self) -> str:
        return self.page.at("fit", fit=request_fit(**self.recipe(), source=self.chosen_source()).pk)


class NewFit(TenantPage):
    """Which events shall a transform be fitted on, and are they enough?"""

    title, tab, actions = "New fit", "fits", (RequestFit,)

    def breadcrumbs(self) -> Sequence[tuple[str, str]]:
        return (*super().breadcrumbs(), ("Fits", self.at("fits")))

    @cached_property
    def intents(self) -> list[Intent]:
        return list(tenants_selectors.intents(self.tenant))

    @cached_property
    def samples(self) -> list[tuple[str, str]]:
        newest = transforms_selectors.samples(self.tenant)[:100]
        return [("", "none"), *((str(row.pk), f"{row.pk}: {row.name}, {row.rows:,} rows") for row in newest)]

    @cached_property
    def values(self) -> dict[str, Any]:
        """What the fields hold: what the latest transform was of, and what the address says."""
        latest = transforms_selectors.transforms(self.tenant).defer("x", "y", "report").first()
        latest_recipe = {"predictor": latest.predictor.key, "reference": latest.reference.key} if latest else {}
        begins = {
            "intent": next((row.name for row in self.intents), ""),
            "source": "recorded",
            "days": "14",
            **latest_recipe,
        }
        data = self.request.POST or self.request.GET
        typed = {name: value for name, value in data.items() if name in RequestFit.base_fields}
        return begins | typed | ({"routes": data.getlist("routes")} if "routes" in data else {})

    def panels(self) -> Iterable[Panel]:
        if not self.intents:
            yield Note("This tenant has no intent yet. Create one first.", "wait")

    def aside(self) -> Iterable[Panel]:
        yield Watching("fit", list(self._estimate_panels()))

    def _estimate_panels(self) -> Iterable[Panel]:
        """What the chosen events would give."""
        form = RequestFit(self, self.values)
        if not form.is_valid():
            yield Note("Choose what to fit and on which events.", heading="Sample size")
            return
        try:
            size, to_pass = self._estimate(form)
        except ValidationError as error:
            yield Note(" ".join(error.messages), "wait", "These events cannot be counted")
            return
        yield Note(size.sentence, TONES[size.verdict], HEADINGS[size.verdict])
        yield Stats(
            [
                Stat("Events", number(size.n), worth_in_words(size.n, size.effective)),
                Stat("Margin of error", _error(size.relative_error)),
                *([_needed(to_pass)] if to_pass else []),
            ]
        )

    def _estimate(self, form: RequestFit) -> tuple[Assessment, Passing | None]:
        """What the events are worth to a fit, and how many the change that serves it would need."""
        data, source = form.cleaned_data, form.chosen_source()
        intent = next(row for row in self.intents if row.name == data["intent"])
        predictor = catalog_selectors.predictor_by_key(data["predictor"], "predictor")
        reference = catalog_selectors.reference_by_key(data["reference"], "reference")
        size = estimate(tenant=self.tenant, intent=intent, predictor=predictor, reference=reference, source=source)
        days = window_days(source) or data["days"]
        a_day = size.n / days if days else 0.0
        return size, events_to_pass(self.tenant, intent, reference, a_day)


TONES = {Verdict.ENOUGH: "good", Verdict.FLAGGED: "wait", Verdict.REFUSED: "bad"}
HEADINGS = {
    Verdict.ENOUGH: "Sample sufficient",
    Verdict.FLAGGED: "Sample below recommended size",
    Verdict.REFUSED: "Sample too small: this fit would be refused",
}


def _needed(passing: Passing) -> Stat:
    basis = f"at ‘{passing.threshold}’, {rate(passing.target)} ±{100 * passing.tolerance:.3g} %, 90 % power"
    return Stat("Events to pass its gates", number(passing.events), basis)


def _error(relative: float) -> Cell:
    return Cell(f"±{100 * relative:.3g} %" if math.isfinite(relative) else "–", kind="number")
