"""Reference distributions: the list, and one with its figure."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

from django.db.models import Count
from django.shortcuts import get_object_or_404

from models_app.catalog import selectors
from models_app.catalog.filters import ReferenceFilters
from models_app.catalog.models import ReferenceDistribution
from models_app.catalog.references import mathematical
from models_app.console.ui.listing import Listing
from models_app.console.ui.page import SharedPage
from models_app.console.ui.panels import (
    Cell,
    Code,
    Facts,
    Figure,
    Figures,
    Panel,
    address,
    link,
    number,
    percent,
    when,
)
from models_app.console.ui.sparklines import Spark
from models_app.console.ui.tables import Column, Table
from models_app.console.ui.versions import versions
from models_app.figures import references as figures
from models_app.statistics.references import Reference
from models_app.transforms.filters import UsedTransformFilters
from models_app.transforms.models import Transform
from tenants.permissions import may
from tenants.roles import Permission

Kind = ReferenceDistribution.Kind
RATE_HINT = "The log scale gives the tail, where thresholds are, most of the room."
TABLE_HINT = "A client that alerts at this score or above gets this alert rate, whatever the model."


class References(SharedPage):
    """Which fixed distributions do scores follow?"""

    title = "Reference distributions"
    intro = "The fixed distributions that scores follow. A version cannot be changed later."

    def links(self) -> Sequence[tuple[str, str]]:
        return (("New reference", address("new_curve")),) if may(self.person, Permission.EDIT_SHARED) else ()

    def panels(self) -> Iterable[Panel]:
        rows = selectors.references().annotate(used=Count("transforms")).order_by("name", "-version")
        listing = Listing(self.request, rows, COLUMNS, ReferenceFilters)
        words = "No reference distributions yet. Scores follow one, whatever the model."
        yield listing.table(empty=words, next_link=self.first_link)


def _link(row: ReferenceDistribution) -> Cell:
    return link(row.key, "reference", name=row.name, version=row.version)


def _spark(row: ReferenceDistribution) -> Cell:
    words = f"Scores of {row.key}, from all events to one in ten thousand"
    return Cell(Spark(figures.small(mathematical(row)), words), kind="spark")


def _score(row: ReferenceDistribution) -> Cell:
    return Cell(f"score {float(mathematical(row).score_at(0.01)):.4f}", kind="number")


COLUMNS: Sequence[Column[Any]] = (
    Column("reference", "Reference", _link, sort="name"),
    Column("scores", "Score by alert rate", _spark),
    Column("kind", "Kind", lambda row: Cell(row.get_kind_display()), sort="kind"),
    Column("score", "Score at 1 %", _score),
    Column("transforms", "Transforms", lambda row: number(row.used), sort="used"),
    Column("made", "Created", lambda row: when(row.created_at), sort="created_at"),
    Column("by", "By", lambda row: Cell(row.created_by or "–")),
)


class ReferencePage(SharedPage):
    """Which score has which alert rate, for good?"""

    subject = "reference"

    @cached_property
    def reference(self) -> ReferenceDistribution:
        return get_object_or_404(selectors.references(), name=self.kwargs["name"], version=self.kwargs["version"])

    def heading(self) -> str:
        return self.reference.key

    def breadcrumbs(self) -> Sequence[tuple[str, str]]:
        return (("Reference distributions", address("references")),)

    def panels(self) -> Iterable[Panel]:
        yield from drawn(mathematical(self.reference))
        yield self._used()

    def aside(self) -> Iterable[Panel]:
        row = self.reference
        yield scores(mathematical(row))
        yield Facts(
            [
                versions(row, "reference"),
                ("Kind", Cell(row.get_kind_display())),
                ("Created", when(row.created_at)),
                ("By", Cell(row.created_by or "–")),
                ("Notes", Cell(row.notes or "–")),
            ]
        )
        yield Code(_parameters(row), "Parameters", folded=True)

    def _used(self) -> Panel:
        rows = Transform.objects.filter(reference=self.reference).select_related("tenant", "intent", "predictor")
        listing = Listing(self.request, rows.defer("x", "y", "report"), TRANSFORMS, UsedTransformFilters)
        return listing.table(title="Transforms", empty="No transform uses this reference yet.")


def _transform(row: Transform) -> Cell:
    return link(f"transform {row.pk}", "transform", tenant=row.tenant.slug, transform=row.pk)


TRANSFORMS: Sequence[Column[Transform]] = (
    Column("transform", "Transform", _transform, sort="pk"),
    Column("tenant", "Tenant", lambda row: Cell(row.tenant.name), sort="tenant__name"),
    Column("intent", "Intent", lambda row: Cell(row.intent.name), sort="intent__name"),
    Column("predictor", "Predictor", lambda row: Cell(row.predictor.key), sort="predictor__name"),
    Column("kind", "Kind", lambda row: Cell(row.kind), sort="kind"),
    Column("made", "Created", lambda row: when(row.created_at), sort="created_at"),
)
SCORES: Sequence[Column[tuple[float, float]]] = (
    Column("rate", "Alert rate", lambda row: percent(row[0])),
    Column("score", "Score", lambda row: number(row[1], 4)),
)


def scores(reference: Reference) -> Panel:
    """Numbers beside the figures."""
    return Table(SCORES, figures.scores_at(reference), title="Scores at usual alert rates", hint=TABLE_HINT)


def drawn(reference: Reference) -> Iterable[Panel]:
    yield Figures(
        [
            Figure("by alert rate", figures.by_alert_rate(reference), RATE_HINT),
            Figure("by score", figures.by_score(reference), "On a logarithmic scale, so that rare high scores show."),
        ]
    )


def _parameters(row: ReferenceDistribution) -> str:
    """A line for each, rows of numbers a line each."""
    lines: list[str] = []
    for name, value in row.parameters.items():
        if isinstance(value, list):
            lines += [f"{name}:", *(f"  {', '.join(f'{k} {v:g}' for k, v in each.items())}" for each in value)]
        else:
            lines.append(f"{name}: {value}")
    return "\n".join(lines)
