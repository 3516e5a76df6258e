"""Models: what do we have, and is it sound?"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db.models import Count, F, Func, IntegerField
from django.shortcuts import get_object_or_404
from django.utils import timezone

from models_app.catalog import selectors
from models_app.catalog.filters import ModelFilters, PredictorFilters
from models_app.catalog.models import ModelVersion, PredictorVersion
from models_app.console.ui.fields import as_yaml
from models_app.console.ui.listing import Listing
from models_app.console.ui.page import SharedPage
from models_app.console.ui.panels import (
    Cell,
    Code,
    Facts,
    Figure,
    Note,
    Panel,
    Progress,
    address,
    badge,
    code,
    link,
    number,
    when,
)
from models_app.console.ui.tables import Column, Table
from models_app.console.ui.versions import versions
from models_app.figures import models as figures
from models_app.releases.use import InUse
from tenants.permissions import may
from tenants.roles import Permission

State = ModelVersion.State
MOST_FEATURES = 200  # that a page shows as a table
QUANTILES_HINT = "A default transform is made of these outputs. Further right are fewer and riskier events."
CHECKS = {
    "size": "It is not too large",
    "readable": "The file is whole and stands alone",
    "features": "Its features are the declared ones",
    "labels": "Which class is the risk",
    "interface": "One input, one probability for each event",
    "probability": "Outputs are probabilities",
    "equal": "It gives what the library gives that trained it",
    "same bits": "One event and a batch give the same bits",
    "scores": "It gives the scores that came with its validation events",
    "validation_scores": "Validation scores are distributed as what it gives",
    "ranking": "Events labelled 1 rank above the others",
    "time": "It is checked in time",
    "memory": "It is checked in the memory that is allowed",
    "worker": "A worker brings the check to its end",
}


class Models(SharedPage):
    """What do we have, and is it used?"""

    title = "Models"
    intro = "Model files as uploaded, each checked before use. A retrained model is a new version."

    def links(self) -> Sequence[tuple[str, str]]:
        return (("New model version", address("new_model")),) if may(self.person, Permission.EDIT_SHARED) else ()

    def panels(self) -> Iterable[Panel]:
        width = Func(F("features"), function="jsonb_array_length", output_field=IntegerField())
        rows = selectors.models().defer("features", "checks", "parity", "validation_quantiles")
        rows = rows.annotate(width=width, used=Count("memberships")).order_by("name", "-version")
        listing = Listing(self.request, rows, _columns(InUse()), ModelFilters)
        words = "No models yet. Each model file is checked before use."
        yield listing.table(empty=words, next_link=self.first_link)


def _columns(in_use: InUse) -> Sequence[Column[Any]]:
    return (
        Column("model", "Model", lambda row: link(row.key, "model", name=row.name, version=row.version), sort="name"),
        Column("state", "State", lambda row: badge(row.state), sort="state"),
        Column("format", "Format", lambda row: Cell(row.get_file_format_display())),
        Column("beta", "β", lambda row: Cell(f"{row.beta:g}", kind="number"), sort="beta"),
        Column("features", "Features", lambda row: number(row.width), sort="width"),
        Column("predictors", "Predictors", lambda row: number(row.used), sort="used"),
        Column("tenants", "Live for tenants", lambda row: number(in_use.tenants_of_model(row.key))),
        Column("uploaded", "Uploaded", lambda row: when(row.created_at), sort="created_at"),
        Column("by", "By", lambda row: Cell(row.created_by or "–")),
    )


class ModelPage(SharedPage):
    """The page of a model version: whether it is sound, what it takes, and where it is used."""

    subject = "model"

    @cached_property
    def model(self) -> ModelVersion:
        rows = selectors.models().defer(None).defer("parity").select_related("model_check")
        return get_object_or_404(rows, name=self.kwargs["name"], version=self.kwargs["version"])

    def heading(self) -> str:
        return self.model.key

    def badges(self) -> Sequence[Cell]:
        return (badge(self.model.state),)

    def breadcrumbs(self) -> Sequence[tuple[str, str]]:
        return (("Models", address("models")),)

    def links(self) -> Sequence[tuple[str, str]]:
        if not may(self.person, Permission.EDIT_SHARED):
            return ()
        again = ("New version", f"{address('new_model')}?name={self.model.name}")
        compose = ("Create predictor", f"{address('new_predictor')}?model={self.model.key}")
        return (compose, again) if self.model.state == State.USABLE else (again,)

    def is_busy(self) -> bool:
        return self.model.state == State.CHECKING

    def live_panels(self) -> Iterable[Panel]:
        row = self.model
        passed = [each for each in row.checks if row.state == State.USABLE or each is not row.checks[-1]]
        if row.state == State.CHECKING:
            yield _progress(row)
        elif row.state == State.USABLE:
            yield _usable(passed)
        else:
            before = f" {len(passed)} checks passed before." if passed else ""
            yield Note(f"{row.reason}{before}", "bad", "Unusable")

    def panels(self) -> Iterable[Panel]:
        row = self.model
        if row.checks:
            yield _checks(row.checks, row.state)
        yield self._used()
        if row.validation_quantiles:
            yield Figure("outputs", figures.outputs(row.validation_quantiles), QUANTILES_HINT)
        yield from _features(row.features)

    def aside(self) -> Iterable[Panel]:
        row = self.model
        yield Facts(
            [
                versions(row, "model"),
                ("Format", Cell(row.get_file_format_display())),
                ("β", Cell(_beta(row.beta))),
                ("Risk", Cell(row.risk_label or "1, or the second class")),
                (
                    "Validation scores",
                    Cell(_validation_scores(row)),
                ),
                ("Validation events", Cell(_validation_events(row))),
                ("AUC", Cell(_auc(row.validation))),
                ("Uploaded", when(row.created_at)),
                ("By", Cell(row.created_by or "–")),
                ("Checked", when(row.checked_at)),
                ("Notes", Cell(row.notes or "–")),
            ]
        )
        size = f"uploaded  {row.uploaded_digest}\n          {row.uploaded_bytes:,} bytes"
        yield Code(f"{size}\nserved    {row.digest or '–'}", "Digests and size", folded=True)

    def _used(self) -> Panel:
        rows = PredictorVersion.objects.filter(members__model=self.model)
        rows = rows.annotate(used=Count("transforms", distinct=True), beta=F("members__beta"))
        listing = Listing(self.request, rows.order_by("name", "-version"), _predictors(InUse()), PredictorFilters)
        return listing.table(title="Usage", empty="No predictor uses this model yet.")


def _predictors(in_use: InUse) -> Sequence[Column[Any]]:
    """Return the columns of the table of predictors that use a model, with its β in each."""
    return (
        Column("predictor", "Predictor", _predictor, sort="name"),
        Column("beta", "β", lambda row: Cell(f"{row.beta:g}", kind="number"), sort="beta"),
        Column("aggregation", "Aggregation", lambda row: Cell(row.get_aggregation_display())),
        Column("transforms", "Transforms", lambda row: number(row.used), sort="used"),
        Column("tenants", "Live for tenants", lambda row: number(in_use.tenants_of_predictor(row.key))),
        Column("made", "Created", lambda row: when(row.created_at), sort="created_at"),
    )


def _predictor(row: PredictorVersion) -> Cell:
    return link(row.key, "predictor", name=row.name, version=row.version)


def _usable(checks: Sequence[Mapping[str, Any]]) -> Panel:
    remarks = sum(each.get("remark", False) for each in checks)
    suffix = f", {remarks} remark{'s' if remarks > 1 else ''}" if remarks else ""
    return Note(f"Usable: {len(checks) - remarks} checks passed{suffix}.", "good")


def _validation_scores(row: ModelVersion) -> str:
    if not row.validation_quantiles:
        return "none"
    if row.validation is None:
        return "registered; not compared with the file, as they come without their events"
    compared = "validation_scores" in row.validation
    return "registered, and compared with the file" if compared else "what the file gives on its validation events"


def _validation_events(row: ModelVersion) -> str:
    if not row.validation_events:
        return "none"
    events = f"{row.validation_events['events']:,}"
    scores = (row.validation or {}).get("scores")
    return f"{events}; scores differ by {scores['largest_difference']:.2g} at most" if scores else events


def _auc(validation: Mapping[str, Any] | None) -> str:
    found = (validation or {}).get("ranking")
    if not found or found["auc"] is None:
        return "too few labels" if found else "no labels"
    return f"{found['auc']:.3f}, 95 % interval {found['low']:.3f} to {found['high']:.3f}"


def _progress(row: ModelVersion) -> Panel:
    """The share of its time limit that a running check has used; its findings are written when it ends."""
    if row.model_check.alive_at is None:
        return Progress(0.0, "waiting for a worker")
    most = settings.ENV["MUSE_MODEL_CHECK_SECONDS"]
    taken = min(most, (timezone.now() - row.created_at).total_seconds())
    log = [f"{place}. {words}" for place, words in enumerate(list(CHECKS.values())[1:8], start=1)]
    return Progress(taken / most, f"uploaded {taken:.0f} s ago, a check takes at most {most:g} s", log)


def _checks(checks: Sequence[Mapping[str, Any]], state: str) -> Panel:
    """Show the checks in their order; the last one of an unusable model is what it failed."""
    failed = checks[-1] if state == State.UNUSABLE else None
    columns: Sequence[Column[Mapping[str, Any]]] = (
        Column("state", "", lambda check: _outcome(check, is_failed=check is failed)),
        Column("check", "Check", lambda check: Cell(CHECKS.get(check["name"], check["name"]))),
        Column("found", "Found", lambda check: Cell(check["found"])),
    )
    return Table(columns, checks, title="Checks")


def _outcome(check: Mapping[str, Any], *, is_failed: bool) -> Cell:
    if check.get("remark"):
        return Cell("remark", kind="badge", tone="wait")
    return Cell("failed" if is_failed else "passed", kind="badge", tone="bad" if is_failed else "good")


def _features(features: Sequence[Mapping[str, Any]]) -> Iterable[Panel]:
    rows = list(enumerate(features[:MOST_FEATURES], start=1))
    hint = f"The first {MOST_FEATURES:,} of {len(features):,}." if len(features) > MOST_FEATURES else ""
    yield Table(FEATURES, rows, title="Features in the model's order", hint=hint)
    yield Code(as_yaml(list(features)), "Features as text", folded=True)


def _is_nullable(feature: Mapping[str, Any]) -> bool:
    return bool(feature.get("nullable")) or feature.get("required") is False


def _range(feature: Mapping[str, Any]) -> str:
    if feature.get("categories"):
        values = feature["categories"]
        return f"{', '.join(values[:8])}{f' and {len(values) - 8:,} more' if len(values) > 8 else ''}"
    low, high = feature.get("minimum"), feature.get("maximum")
    ends = [f"from {low:g}" if low is not None else "", f"to {high:g}" if high is not None else ""]
    return " ".join(end for end in ends if end) or "any"


FEATURES: Sequence[Column[tuple[int, Mapping[str, Any]]]] = (
    Column("place", "", lambda row: number(row[0])),
    Column("feature", "Feature", lambda row: code(row[1]["name"])),
    Column("type", "Type", lambda row: Cell(row[1].get("type", "number"))),
    Column("nullable", "May be null", lambda row: Cell("yes" if _is_nullable(row[1]) else "no")),
    Column("values", "Values", lambda row: Cell(_range(row[1]))),
)


def _beta(beta: float) -> str:
    return "1: trained on all negatives" if beta == 1.0 else f"{beta:g}: trained on {100 * beta:.3g} % of negatives"
