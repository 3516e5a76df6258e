"""Transforms: the list, cold starts, and one with how good it is."""

from collections.abc import Iterable, Sequence
from functools import cached_property

from django.shortcuts import get_object_or_404

from models_app.console.transforms import quality
from models_app.console.transforms.provenance import proposing, recipe, source_in_words
from models_app.console.transforms.recipes import TransformForm
from models_app.console.ui.listing import Listing
from models_app.console.ui.page import TenantPage
from models_app.console.ui.panels import Cell, Facts, Panel, badge, link, number, percent, when
from models_app.transforms import selectors
from models_app.transforms.cold_start import create_default_transform
from models_app.transforms.models import Transform


class ColdStart(TransformForm):
    name, label, title, in_dialog = "cold_start", "Make the transform", "Cold start", True
    hint = "For a tenant without events of its own: a default transform, to be replaced by a fitted one."
    success = "The transform is there. Propose a change that serves it."

    def perform(self) -> str:
        page = self.page
        assert isinstance(page, TenantPage)
        return page.at("transform", transform=create_default_transform(**self.recipe()).pk)


class Transforms(TenantPage):
    title, tab, actions = "Transforms", "transforms", (ColdStart,)
    intro = "The maps from a predictor's probability to the score that this tenant sees. None is ever changed."

    def links(self) -> Sequence[tuple[str, str]]:
        return (("New fit", self.at("new_fit")),) if ColdStart(self).is_offered() else ()

    def panels(self) -> Iterable[Panel]:
        filters = {
            "kind": ("kind", Transform.Kind.choices),
            "events": ("verdict", (("enough", "enough"), ("flagged", "flagged"))),
        }
        sorts = {"Transform": "pk", "Intent": "intent__name", "Predictor": "predictor__name", "Made": "created_at"}
        rows = selectors.transforms(self.tenant).defer("x", "y", "report")
        listing = Listing(self.request, rows, ("intent__name", "predictor__name", "reference__name"), filters, sorts)
        headers = ["Transform", "Intent", "Predictor", "Reference", "Kind", "Events", "Expected error", "Made"]
        words = "No transform yet. Fit one on recorded events, or start cold, before there are any."
        yield listing.table(headers, self._row, empty=words, next_link=self.first_link)

    def _row(self, row: Transform) -> list[Cell]:
        return [
            link(f"transform {row.pk}", "transform", tenant=self.tenant.slug, transform=row.pk),
            Cell(row.intent.name),
            Cell(row.predictor.key),
            Cell(row.reference.key),
            Cell(row.kind),
            _events(row),
            _error(row),
            when(row.created_at),
        ]


def _events(row: Transform) -> Cell:
    said = getattr(row, "verdict", None)
    return badge(said) if said else Cell("–")


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
                ("Made", when(row.created_at)),
                ("Made of", Cell(source_in_words(row.report.get("source")))),
                ("Fit", link(f"fit {fit.pk}", "fit", tenant=self.tenant.slug, fit=fit.pk) if fit else Cell("–")),
                ("Knots", number(len(row.x))),
            ],
            title="Where it comes from",
        )
