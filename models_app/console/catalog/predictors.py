"""Predictors: what probabilities are made of."""

import math
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

from django.db.models import Case, Count, When
from django.shortcuts import get_object_or_404

from models_app.catalog import selectors
from models_app.catalog.filters import PredictorFilters
from models_app.catalog.models import PredictorMember, PredictorVersion
from models_app.console.catalog import previews
from models_app.console.ui.listing import Listing
from models_app.console.ui.page import SharedPage
from models_app.console.ui.panels import (
    Box,
    Cell,
    Facts,
    Flow,
    Panel,
    Stage,
    address,
    badge,
    link,
    number,
    several,
    when,
)
from models_app.console.ui.tables import Column
from models_app.console.ui.versions import versions
from models_app.releases.use import InUse
from models_app.transforms.filters import UsedTransformFilters
from models_app.transforms.models import Transform
from models_app.transforms.preview import recipe_of
from tenants.permissions import may
from tenants.roles import Permission

Aggregation = PredictorVersion.Aggregation


class Predictors(SharedPage):
    """Which recipes are there, and where do they answer?"""

    title = "Predictors"
    intro = "A predictor aggregates its models' outputs into one probability. A version cannot be changed later."

    def links(self) -> Sequence[tuple[str, str]]:
        return (
            (("New predictor version", address("new_predictor")),) if may(self.person, Permission.EDIT_SHARED) else ()
        )

    def panels(self) -> Iterable[Panel]:
        rows = selectors.predictors().annotate(used=Count("transforms", distinct=True)).order_by("name", "-version")
        listing = Listing(self.request, rows, _columns(InUse()), PredictorFilters)
        words = "No predictors yet. A predictor aggregates its models' outputs into one probability."
        yield listing.table(empty=words, next_link=self.first_link)


def _columns(in_use: InUse) -> Sequence[Column[Any]]:
    return (
        Column("predictor", "Predictor", _link, sort="name"),
        Column("models", "Models", lambda row: several(*(_model(member) for member in row.members.all()))),
        Column("aggregation", "Aggregation", lambda row: Cell(row.get_aggregation_display()), sort="aggregation"),
        Column("transforms", "Transforms", lambda row: number(row.used), sort="used"),
        Column("tenants", "Live for tenants", lambda row: number(in_use.tenants_of_predictor(row.key))),
        Column("made", "Created", lambda row: when(row.created_at), sort="created_at"),
        Column("by", "By", lambda row: Cell(row.created_by or "–")),
    )


def _link(row: PredictorVersion) -> Cell:
    return link(row.key, "predictor", name=row.name, version=row.version)


def _model(member: PredictorMember) -> Cell:
    return link(member.model.key, "model", name=member.model.name, version=member.model.version)


class PredictorPage(SharedPage):
    """What is it made of, what does it give, and where does it answer?"""

    subject = "predictor"

    @cached_property
    def predictor(self) -> PredictorVersion:
        return get_object_or_404(selectors.predictors(), name=self.kwargs["name"], version=self.kwargs["version"])

    @cached_property
    def in_use(self) -> InUse:
        return InUse()

    def heading(self) -> str:
        return self.predictor.key

    def breadcrumbs(self) -> Sequence[tuple[str, str]]:
        return (("Predictors", address("predictors")),)

    def links(self) -> Sequence[tuple[str, str]]:
        if not may(self.person, Permission.PROPOSE):
            return ()
        return (("Replace other predictors", f"{address('replacements')}?predictor={self.predictor.key}#propose"),)

    def panels(self) -> Iterable[Panel]:
        query = self.request.GET
        where, days = query.get("where", ""), previews.days_text(query)
        yield flow(self.predictor.members.all(), self.predictor.get_aggregation_display())
        yield previews.Asking(previews.places(), where, days)
        if where:
            yield from previews.preview_panels(self.person, recipe_of(self.predictor), where, days)
        yield self._used()
        yield self._facts()

    def _facts(self) -> Panel:
        row = self.predictor
        return Facts(
            [
                versions(row, "predictor"),
                ("Live for tenants", number(self.in_use.tenants_of_predictor(row.key))),
                ("Created", when(row.created_at)),
                ("By", Cell(row.created_by or "–")),
                ("Notes", Cell(row.notes or "–")),
            ],
            title="Details",
        )

    def _used(self) -> Panel:
        """Show the predictor's transforms, live ones first, and what they do in their tenant's release."""
        answers = Case(When(pk__in=self.in_use.transforms, then=0), default=1)
        rows = Transform.objects.filter(predictor=self.predictor).select_related("tenant", "intent", "reference")
        rows = rows.defer("x", "y", "report").order_by(answers, "-pk")
        listing = Listing(self.request, rows, _places(self.in_use), UsedTransformFilters)
        empty = "No transforms for this predictor yet. Fit one for a tenant, or replace other predictors by it."
        return listing.table(title="Usage", empty=empty)


def _places(in_use: InUse) -> Sequence[Column[Transform]]:
    """Return the columns of the table of a predictor's transforms."""
    return (
        Column("tenant", "Tenant", lambda row: link(row.tenant.name, "tenant", tenant=row.tenant.slug), "tenant__name"),
        Column("intent", "Intent", _intent, sort="intent__name"),
        Column("transform", "Transform", _transform, sort="pk"),
        Column("reference", "Reference", _reference),
        Column("kind", "Kind", lambda row: badge(row.kind), sort="kind"),
        Column("now", "Status", lambda row: _now(row, in_use)),
        Column("made", "Created", lambda row: when(row.created_at), sort="created_at"),
    )


def _intent(row: Transform) -> Cell:
    return link(row.intent.name, "intent", tenant=row.tenant.slug, intent=row.intent.name)


def _transform(row: Transform) -> Cell:
    return link(f"transform {row.pk}", "transform", tenant=row.tenant.slug, transform=row.pk)


def _reference(row: Transform) -> Cell:
    return link(row.reference.key, "reference", name=row.reference.name, version=row.reference.version)


def _now(row: Transform, in_use: InUse) -> Cell:
    number, served = in_use.by_tenant.get(row.tenant_id, (0, None))
    if served is None or row.pk not in served.transforms | served.shadows:
        return Cell("–")
    state = Cell("live", kind="badge", tone="good") if row.pk in served.transforms else badge("shadow")
    return several(state, link(f"release {number}", "release", tenant=row.tenant.slug, number=number))


def flow(members: Iterable[PredictorMember], aggregation: str) -> Panel:
    """Models → posterior correction → aggregation → probability."""
    rows = list(members)
    weighted = aggregation != Aggregation.MAX.label and len(rows) > 1
    weights = ", ".join(f"{row.weight:g}" for row in rows)
    return Flow(
        [
            Stage("Models", [Box(_model(row), f"{len(row.model.features):,} features") for row in rows]),
            Stage("Posterior correction", [Box(Cell(f"β {row.beta:g}"), _correction(row.beta)) for row in rows]),
            Stage("Aggregation", [Box(Cell(aggregation), f"weights {weights}" if weighted else "")]),
            Stage("Probability", [Box(Cell("p"), "input of the transform")]),
        ]
    )


def _correction(beta: float) -> str:
    if beta == 1.0:
        return "trained on all negatives: no correction"
    return f"trained on {100 * beta:.3g} % of negatives: logit {math.log(beta):+.3g}"
