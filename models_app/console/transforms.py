"""Transforms: the list, cold starts, and one with its mapping curve."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from django.shortcuts import get_object_or_404

from models_app.console import curves
from models_app.console.fits import source_in_words
from models_app.console.listing import Listing
from models_app.console.page import TenantPage
from models_app.console.parts import (
    Cell,
    Facts,
    Figure,
    Links,
    Note,
    Part,
    Table,
    badge,
    interval,
    link,
    number,
    percent,
    when,
)
from models_app.console.recipes import TransformForm
from models_app.models import Transform
from models_app.selectors import fitting
from models_app.services.transforms import create_default_transform
from tenants.permissions import may
from tenants.roles import Act


class ColdStart(TransformForm):
    name, label, title, in_dialog = "cold_start", "Make the transform", "Cold start", True
    hint = "For a tenant without events of its own: a default transform, to be replaced by a fitted one."
    done = "The transform is there. Propose a change that serves it."

    def perform(self) -> str:
        page = self.page
        assert isinstance(page, TenantPage)
        return page.at("transform", transform=create_default_transform(**self.recipe()).pk)


class Transforms(TenantPage):
    title, tab, acts = "Transforms", "transforms", (ColdStart,)

    def parts(self) -> Iterable[Part]:
        rows = fitting.transforms(self.tenant).defer("x", "y")
        filters = {"kind": ("kind", Transform.Kind.values)}
        listing = Listing(self.request, rows, ("intent__name", "predictor__name"), filters)
        headers = ["Transform", "Intent", "Predictor", "Reference", "Kind", "Events", "Made"]
        yield listing.table(headers, self._row, empty="No transform yet. Ask for a fit, or make a cold start below.")

    def _row(self, row: Transform) -> list[Cell]:
        return [
            link(row.pk, "transform", tenant=self.tenant.slug, transform=row.pk),
            Cell(row.intent.name),
            Cell(row.predictor.key),
            Cell(row.reference.key),
            Cell(row.kind),
            Cell(getattr(row, "verdict", None) or "–"),
            when(row.created_at),
        ]


class TransformPage(TenantPage):
    """What does this mapping do, and on how many events does it stand?"""

    tab, about = "transforms", "transform"

    @cached_property
    def transform(self) -> Transform:
        return get_object_or_404(fitting.transforms(self.tenant), pk=self.kwargs["transform"])

    def heading(self) -> str:
        return f"Transform {self.transform.pk} of {self.transform.intent.name}"

    def parts(self) -> Iterable[Part]:
        row, report = self.transform, self.transform.report
        yield Facts(
            [
                ("Predictor", Cell(row.predictor.key)),
                ("Reference", Cell(row.reference.key)),
                ("Kind", Cell(row.kind)),
                ("Events", number(report.get("n"))),
                ("Enough events", badge(report.get("verdict"))),
                ("Knots", number(len(row.x))),
                ("Made", when(row.created_at)),
                ("Made of", Cell(_source(report.get("source")))),
            ]
        )
        if report.get("atoms"):
            yield Note(_atoms(report["atoms"]), "wait", "The source has atoms, which no monotone map can split")
        yield Figure("mapping", curves.mapping(row))
        summary = report.get("summary")
        if summary:
            yield Figure("scores", curves.against_reference(summary))
            yield _errors(summary)
        if may(self.person, Act.PROPOSE, self.tenant):
            yield Links([("Propose it", f"{self.at('new_change')}?intent={row.intent.name}&transform={row.pk}")])


def _source(source: Mapping[str, Any] | None) -> str:
    if source is None:
        return "–"
    if source["kind"] == "pooled":
        return f"{source['events']:,} events of {source['tenants']:,} other tenants, {source['days']} days"
    return "validation scores" if source["kind"] == "validation" else source_in_words(source)


def _errors(summary: Mapping[str, Any]) -> Part:
    return Table(
        ["Score", "Target", "On its own events", "Alerts", "Relative error"],
        [
            [
                number(each["score"], 4),
                percent(each["target"]),
                interval(each),
                number(each["alerts"]),
                percent(each["relative_error"], 2),
            ]
            for each in summary["thresholds"]
        ],
        title="At the declared thresholds",
        empty="The intent declares no threshold.",
    )


def _atoms(atoms: list[dict[str, Any]]) -> str:
    shown = (f"{each['value']:.6g} has {100 * each['mass']:.2g} %" for each in atoms[:8])
    return "Of the events, the probability " + "; ".join(shown) + "."
