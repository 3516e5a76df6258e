"""Fits: what was asked for, watching one, and how good its transform is."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from urllib.parse import urlencode

from django import forms
from django.shortcuts import get_object_or_404

from models_app.console.transforms import quality
from models_app.console.transforms.provenance import proposing, recipe, source_in_words
from models_app.console.ui.actions import ActionForm
from models_app.console.ui.choices import intent_names
from models_app.console.ui.listing import Listing
from models_app.console.ui.page import TenantPage
from models_app.console.ui.panels import (
    Cell,
    Code,
    Facts,
    Note,
    Panel,
    Progress,
    badge,
    link,
    log_lines,
    number,
    when,
)
from models_app.console.ui.tables import Column, Table
from models_app.transforms import selectors
from models_app.transforms.filters import FitFilters
from models_app.transforms.fits import cancel_fit
from models_app.transforms.models import Fit
from models_app.transforms.samples import upload_sample
from tenants.filters import same
from tenants.permissions import may
from tenants.roles import Act


class UploadSample(ActionForm):
    name, label, title, in_dialog, needs = "sample", "Upload", "Upload sample", True, Act.FIT
    hint = "A CSV or Parquet file with a column of the predictor's probabilities, to fit on."
    success = "Sample uploaded. Choose it as the source of a fit."
    file = forms.FileField()
    called = forms.CharField(label="Name", required=False, max_length=200)
    column = forms.CharField(required=False, help_text="Required if the file has several columns.")

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
    """Which fits were asked for, and what came of them? Those at work stand on top, with their progress."""

    title, tab, actions = "Fits", "fits", (UploadSample,)
    intro = "Each fit creates one transform from this tenant's own events. A change request then makes it live."

    @cached_property
    def active(self) -> list[Fit]:
        return list(selectors.fits(self.tenant).filter(state__in=Fit.ACTIVE)[:20])

    def is_busy(self) -> bool:
        return bool(self.active)

    def links(self) -> Sequence[tuple[str, str]]:
        return (("New fit", self.at("new_fit")),) if may(self.person, Act.FIT, self.tenant) else ()

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


class CancelFit(ActionForm):
    in_dialog = True
    name, label, needs, danger = "cancel", "Cancel fit", Act.FIT, True
    warning, success = "Cancel this fit? Its work so far is lost.", "Fit cancelled."
    way_out = "Keep it running"

    def is_offered(self) -> bool:
        assert isinstance(self.page, FitPage)
        return super().is_offered() and self.page.is_busy()

    def perform(self) -> None:
        page = self.page
        assert isinstance(page, FitPage)
        cancel_fit(actor=page.person, tenant=page.tenant, fit=page.fit)


class FitPage(TenantPage):
    """How good is this transform?"""

    tab, subject, actions = "fits", "fit", (CancelFit,)

    @cached_property
    def fit(self) -> Fit:
        rows = selectors.fits(self.tenant).select_related("transform__reference", "transform__intent")
        return get_object_or_404(rows, pk=self.kwargs["fit"])

    def heading(self) -> str:
        return f"Fit {self.fit.pk} of {self.fit.intent.name}"

    def breadcrumbs(self) -> Sequence[tuple[str, str]]:
        return (*super().breadcrumbs(), ("Fits", self.at("fits")))

    def badges(self) -> Sequence[Cell]:
        return (badge(self.fit.state),)

    def is_busy(self) -> bool:
        return self.fit.state in Fit.ACTIVE

    def links(self) -> Sequence[tuple[str, str]]:
        over = may(self.person, Act.FIT, self.tenant) and not self.is_busy()
        again = (("Fit again", self._again()),) if over else ()
        return (*proposing(self, self.fit.transform), *again) if self.fit.transform else again

    def live_panels(self) -> Iterable[Panel]:
        fit = self.fit
        if self.is_busy():
            yield Progress(fit.progress, fit.state, log_lines(fit.log))
        if fit.error:
            yield Note(fit.error, "bad", "Fit failed")
        if fit.state == Fit.State.CANCELLED:
            yield Note("No transform was created. Fit again if you need one.", heading="Fit cancelled")

    def panels(self) -> Iterable[Panel]:
        if self.fit.transform:
            yield quality.verdict(self.fit.transform)
            yield quality.numbers(self.fit.transform)
            yield from quality.panels(self.fit.transform)
        yield from self._facts()

    def _facts(self) -> Iterable[Panel]:
        fit, slug = self.fit, self.tenant.slug
        transform = link(f"transform {fit.transform_id}", "transform", tenant=slug, transform=fit.transform_id or 0)
        yield Facts(
            [
                *recipe(self, fit),
                ("Source", Cell(source_in_words(fit.source))),
                ("Transform", transform if fit.transform_id else Cell("–")),
                ("Requested", when(fit.created_at)),
                ("By", Cell(fit.created_by or "–")),
                ("Done", when(fit.finished_at)),
            ],
            title="Details",
        )
        if not self.is_busy() and fit.log:
            yield Code("\n".join(log_lines(fit.log)), "Log", folded=True)

    def _again(self) -> str:
        """The form for a fit, filled in with this recipe."""
        fit = self.fit
        query = {"intent": fit.intent.name, "predictor": fit.predictor.key, "reference": fit.reference.key}
        source = {name: fit.source[name] for name in ("days", "sample", "routes") if name in fit.source}
        return f"{self.at('new_fit')}?{urlencode({**query, 'source': fit.source['kind'], **source}, doseq=True)}"
