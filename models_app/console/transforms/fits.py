"""Fits: what was requested, and what came of it; samples to fit on are uploaded here."""

from collections.abc import Iterable, Sequence
from functools import cached_property

from django import forms

from models_app.console.transforms.provenance import source_in_words
from models_app.console.ui.actions import ActionForm
from models_app.console.ui.choices import intent_names
from models_app.console.ui.listing import Listing
from models_app.console.ui.page import TenantPage
from models_app.console.ui.panels import Cell, Panel, badge, link, number, when
from models_app.console.ui.tables import Column, Table
from models_app.transforms import selectors
from models_app.transforms.filters import FitFilters
from models_app.transforms.models import Fit
from models_app.transforms.samples import upload_sample
from tenants.filters import same
from tenants.permissions import may
from tenants.roles import Permission


class UploadSample(ActionForm[TenantPage]):
    name, label, title, in_dialog, needs = "sample", "Upload", "Upload sample", True, Permission.FIT
    hint = "A CSV or Parquet file with a column of the predictor's probabilities, to fit on."
    success = "Sample uploaded. Choose it as the source of a fit."
    file = forms.FileField()
    called = forms.CharField(label="Name", required=False, max_length=200)
    column = forms.CharField(required=False, help_text="Required if the file has several columns.")

    def perform(self) -> None:
        data, tenant = self.cleaned_data, self.page.tenant
        upload_sample(
            actor=self.page.person,
            tenant=tenant,
            name=data["called"],
            upload=data["file"],
            column=data["column"] or None,
        )


class Fits(TenantPage):
    """Which fits were asked for, and what came of them? Those at work stand on top, with their progress."""

    title, tab, actions = "Fits", "fits", (UploadSample,)
    intro = "Each fit creates one transform from this tenant's own events. A change request then makes it live."

    @cached_property
    def active(self) -> list[Fit]:
        return list(selectors.fits(self.tenant).filter(state__in=Fit.ACTIVE)[:20])

    def is_busy(self) -> bool:
        return bool(self.active)

    def links(self) -> Sequence[tuple[str, str]]:
        return (("New fit", self.at("new_fit")),) if may(self.person, Permission.FIT, self.tenant) else ()

    def live_panels(self) -> Iterable[Panel]:
        if self.active:
            progress = Column("progress", "Progress", _progress)
            yield Table((*self._recipe(), progress), self.active, title="In progress")

    def panels(self) -> Iterable[Panel]:
        rows, offered = selectors.fits(self.tenant).defer("log"), {"intent": same(intent_names(self.tenant))}
        listing = Listing(self.request, rows, (*self._recipe(), *OUTCOME), FitFilters, offered)
        words = "No fits yet. A fit creates a transform from this tenant's events and measures its quality."
        yield listing.table(empty=words, next_link=self.first_link)

    def _recipe(self) -> Sequence[Column[Fit]]:
        return (
            Column("fit", "Fit", self._link, sort="pk"),
            Column("intent", "Intent", lambda fit: Cell(fit.intent.name), sort="intent__name"),
            Column("predictor", "Predictor", lambda fit: Cell(fit.predictor.key), sort="predictor__name"),
            Column("source", "Source", lambda fit: Cell(source_in_words(fit.source))),
        )

    def _link(self, fit: Fit) -> Cell:
        return link(f"fit {fit.pk}", "fit", tenant=self.tenant.slug, fit=fit.pk)


OUTCOME: Sequence[Column[Fit]] = (
    Column("state", "State", lambda fit: badge(fit.state), sort="state"),
    Column("events", "Events", lambda fit: number(getattr(fit, "events", None))),
    Column("asked-for", "Requested", lambda fit: when(fit.created_at), sort="created_at"),
    Column("by", "By", lambda fit: Cell(fit.created_by or "–")),
)


def _progress(fit: Fit) -> Cell:
    return Cell(round(100 * fit.progress), kind="progress")
