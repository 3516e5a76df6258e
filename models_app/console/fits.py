"""Fits: asking for one, watching it, and what came of it."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from django import forms
from django.shortcuts import get_object_or_404

from models_app.console import choices
from models_app.console.acts import ActForm
from models_app.console.listing import Listing
from models_app.console.page import TenantPage
from models_app.console.parts import Cell, Facts, Links, Note, Part, Progress, badge, link, log_lines, when
from models_app.console.recipes import TransformForm
from models_app.models import Fit
from models_app.selectors import fitting
from models_app.services.fits import cancel_fit, request_fit
from models_app.services.samples import upload_sample
from tenants.roles import Act

SOURCES = (*choices.WINDOWS, ("sample", "An uploaded sample"))


class RequestFit(TransformForm):
    in_dialog = prominent = True
    name, label, title = "fit", "Fit", "Fit a transform"
    hint = "A worker maps the predictor's probabilities on this tenant's own events to the reference distribution."
    done = "The fit is under way."
    source = forms.ChoiceField(choices=SOURCES)
    days = forms.FloatField(initial=14, min_value=0, help_text="The window up to now, in days of occurred_at.")
    sample = forms.ChoiceField(required=False, help_text="For an uploaded sample.")

    def prepare(self) -> None:
        super().prepare()
        assert self.page.tenant
        samples = fitting.samples(self.page.tenant)[:100]
        told = [(str(row.pk), f"{row.pk}: {row.name}, {row.rows:,} rows") for row in samples]
        self.offer(sample=[("", "none"), *told])

    def perform(self) -> str:
        page, data = self.page, self.cleaned_data
        assert isinstance(page, TenantPage)
        source = {"kind": data["source"], "days": data["days"]}
        if data["source"] == "sample":
            source = {"kind": "sample", "sample": int(data["sample"] or 0)}
        return page.at("fit", fit=request_fit(**self.recipe(), source=source).pk)


class UploadSample(ActForm):
    name, label, title, in_dialog, needs = "sample", "Upload", "Upload a sample", True, Act.FIT
    hint = "CSV or Parquet with a column of the predictor's probabilities, to fit from."
    done = "The sample is kept. Choose it as the source of a fit."
    file = forms.FileField()
    called = forms.CharField(label="Name", required=False, max_length=200)
    column = forms.CharField(required=False, help_text="Needed where the file has more than one.")

    def perform(self) -> None:
        data, tenant = self.cleaned_data, self.page.tenant
        assert tenant
        upload_sample(
            actor=self.page.person,
            tenant=tenant,
            name=data["called"],
            upload=data["file"],
            column=data["column"] or None,
        )


class Fits(TenantPage):
    title, tab, acts = "Fits", "fits", (RequestFit, UploadSample)

    def parts(self) -> Iterable[Part]:
        filters = {"state": ("state", Fit.State.values)}
        listing = Listing(self.request, fitting.fits(self.tenant), ("intent__name", "predictor__name"), filters)
        headers = ["Fit", "Intent", "Predictor", "Source", "State", "Asked for", "By"]
        yield listing.table(headers, self._row, empty="No fit yet. Ask for one below.")

    def _row(self, fit: Fit) -> list[Cell]:
        return [
            link(f"fit {fit.pk}", "fit", tenant=self.tenant.slug, fit=fit.pk),
            Cell(fit.intent.name),
            Cell(fit.predictor.key),
            Cell(source_in_words(fit.source)),
            badge(fit.state),
            when(fit.created_at),
            Cell(fit.created_by or "–"),
        ]


class CancelFit(ActForm):
    in_dialog = True
    name, label, needs, danger = "cancel", "Cancel the fit", Act.FIT, True
    warning, done = "Cancel this fit? What it has done so far is lost.", "The fit is cancelled."

    def is_offered(self) -> bool:
        assert isinstance(self.page, FitPage)
        return super().is_offered() and self.page.is_busy()

    def perform(self) -> None:
        page = self.page
        assert isinstance(page, FitPage)
        cancel_fit(actor=page.person, tenant=page.tenant, fit=page.fit)


class FitPage(TenantPage):
    """How good is this transform?"""

    tab, about, acts = "fits", "fit", (CancelFit,)

    @cached_property
    def fit(self) -> Fit:
        return get_object_or_404(fitting.fits(self.tenant), pk=self.kwargs["fit"])

    def heading(self) -> str:
        return f"Fit {self.fit.pk} of {self.fit.intent.name}"

    def is_busy(self) -> bool:
        return self.fit.state in Fit.ACTIVE

    def live_parts(self) -> Iterable[Part]:
        yield Progress(self.fit.progress, self.fit.state, log_lines(self.fit.log))
        if self.fit.error:
            yield Note(self.fit.error, "bad", "The fit failed")

    def parts(self) -> Iterable[Part]:
        fit = self.fit
        yield Facts(
            [
                ("Predictor", Cell(fit.predictor.key)),
                ("Reference", Cell(fit.reference.key)),
                ("Source", Cell(source_in_words(fit.source))),
                ("Asked for", when(fit.created_at)),
                ("By", Cell(fit.created_by or "–")),
                ("Done", when(fit.finished_at)),
            ]
        )
        if fit.transform_id:
            yield Links(
                [
                    (f"Look at transform {fit.transform_id}", self.at("transform", transform=fit.transform_id)),
                    ("Propose it", f"{self.at('new_change')}?intent={fit.intent.name}&transform={fit.transform_id}"),
                ]
            )


def source_in_words(source: Mapping[str, Any]) -> str:
    if source["kind"] == "sample":
        return f"sample {source['sample']}"
    return f"{source['kind']}, {source['days']:g} days"
