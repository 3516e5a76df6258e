"""Transforms: the list, cold starts, and one with how good it is."""

from collections.abc import Iterable, Sequence
from functools import cached_property

from django.shortcuts import get_object_or_404

from models_app.console.transforms import quality
from models_app.console.transforms.provenance import proposing, recipe, source_in_words
from models_app.console.transforms.recipes import TransformForm
from models_app.console.ui.choices import intent_names
from models_app.console.ui.listing import Listing
from models_app.console.ui.page import TenantPage
from models_app.console.ui.panels import Cell, Facts, Panel, badge, link, number, percent, when
from models_app.console.ui.tables import Column
from models_app.transforms import selectors
from models_app.transforms.cold_start import create_default_transform
from models_app.transforms.filters import TransformFilters
from models_app.transforms.models import Transform
from tenants.filters import same


class ColdStart(TransformForm[TenantPage]):
    name, label, title, in_dialog = "cold_start", "Create transform", "Create default transform", True
    hint = "A default transform is for a tenant without events of its own, until a fitted one replaces it."
    success = "Transform created. A change request makes it live."

    def perform(self) -> str:
        transform = create_default_transform(**self.recipe(), routes=self.chosen_routes())
        return self.page.at("transform", transform=transform.pk)


class Transforms(TenantPage):
    title, tab, actions = "Transforms", "transforms", (ColdStart,)
    intro = "Transforms map a predictor's probability to this tenant's score. They cannot be changed later."

    def links(self) -> Sequence[tuple[str, str]]:
        return (("New fit", self.at("new_fit")),) if ColdStart(self).is_offered() else ()

    def panels(self) -> Iterable[Panel]:
        rows = selectors.transforms(self.tenant).defer("x", "y", "report")
        offered = {"intent": same(intent_names(self.tenant))}
        listing = Listing(self.request, rows, self._columns(), TransformFilters, offered)
        words = "No transforms yet. Fit one on recorded events, or create a default transform before there are any."
        yield listing.table(empty=words, next_link=self.first_link)

    def _columns(self) -> Sequence[Column[Transform]]:
        return (
            Column("transform", "Transform", self._link, sort="pk"),
            Column("intent", "Intent", lambda row: Cell(row.intent.name), sort="intent__name"),
            Column("predictor", "Predictor", lambda row: Cell(row.predictor.key), sort="predictor__name"),
            Column("reference", "Reference", lambda row: Cell(row.reference.key)),
            Column("kind", "Kind", lambda row: Cell(row.kind)),
            Column("events", "Events", _events),
            Column("error", "In-sample margin", _error),
            Column("made", "Created", lambda row: when(row.created_at), sort="created_at"),
        )

    def _link(self, row: Transform) -> Cell:
        return link(f"transform {row.pk}", "transform", tenant=self.tenant.slug, transform=row.pk)


def _events(row: Transform) -> Cell:
    verdict = getattr(row, "verdict", None)
    return badge(verdict) if verdict else Cell("–")


def _error(row: Transform) -> Cell:
    error = getattr(row, "relative_error", None)
    return Cell("–", kind="number") if error is None else Cell(f"±{percent(error).value}", kind="number")


class TransformPage(TenantPage):
    """What does this mapping do, and on how many events does it stand?"""

    tab, subject = "transforms", "transform"

    @cached_property
    def transform(self) -> Transform:
        return get_object_or_404(selectors.transforms(self.tenant), pk=self.kwargs["transform"])

    def heading(self) -> str:
        return f"Transform {self.transform.pk} of {self.transform.intent.name}"

    def breadcrumbs(self) -> Sequence[tuple[str, str]]:
        return (*super().breadcrumbs(), ("Transforms", self.at("transforms")))

    def badges(self) -> Sequence[Cell]:
        return (badge(self.transform.kind),)

    def links(self) -> Sequence[tuple[str, str]]:
        return proposing(self, self.transform)

    def panels(self) -> Iterable[Panel]:
        yield quality.verdict(self.transform)
        yield quality.numbers(self.transform)
        yield from quality.panels(self.transform)
        yield from self._facts()

    def _facts(self) -> Iterable[Panel]:
        row = self.transform
        fit = getattr(row, "fit", None)
        yield Facts(
            [
                *recipe(self, row),
                ("Created", when(row.created_at)),
                ("Source", Cell(source_in_words(row.report.get("source")))),
                ("Fit", link(f"fit {fit.pk}", "fit", tenant=self.tenant.slug, fit=fit.pk) if fit else Cell("–")),
                ("Knots", number(len(row.x))),
            ],
            title="Details",
        )
