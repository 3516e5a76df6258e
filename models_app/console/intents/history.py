"""What was done for an intent: what waits to be served, what was fitted, and which releases changed it."""

from collections.abc import Iterable, Sequence

from models_app.changes import selectors as changes_selectors
from models_app.changes.models import ChangeRequest
from models_app.console.changes.changes import evidence_badge, numbered
from models_app.console.releases.releases import moment_of
from models_app.console.ui.panels import (
    Cell,
    Links,
    Moment,
    Panel,
    Section,
    SideBySide,
    Timeline,
    address,
    badge,
    link,
    when,
)
from models_app.console.ui.tables import Column, Table
from models_app.releases.words import in_words
from models_app.transforms import selectors as transforms_selectors
from models_app.transforms.models import Fit
from scoring.engine import document as documents
from scoring.models import Release
from tenants.models import Intent

LATEST = 5  # of each list; the lists of the tenant have all
RELEASES = 10  # of the tenant that are looked through


def lacks(intent: Intent, live: documents.ReleaseDocument) -> str:
    """Which features its live predictors need and it has no more, in a sentence; empty where it has all."""
    has = {each["name"] for each in intent.features}
    routes = live.intents[intent.name].routes
    needed = {
        (name, key)
        for key in {route.live.predictor for route in routes}
        for member in live.predictors[key].members
        for name in live.models[member.model].features
        if name not in has
    }
    return " ".join(f"‘{name}’ was removed but is needed by {key}." for name, key in sorted(needed))


def past(intent: Intent, releases: Sequence[Release]) -> Panel:
    """`releases`: the tenant's newest with their documents; one beyond RELEASES tells what the last of them changed."""
    lists = Links([("All change requests", _all("changes", intent)), ("All fits", _all("fits", intent))])
    parts = [SideBySide([_open_changes(intent), _fits(intent)]), lists, _live(intent, releases)]
    return Section("past", "Activity", parts)


def _all(page: str, intent: Intent) -> str:
    return f"{address(page, tenant=intent.tenant.slug)}?intent={intent.name}"


def _open_changes(intent: Intent) -> Panel:
    rows = changes_selectors.listed(intent.tenant).filter(state__in=ChangeRequest.OPEN, routes__has_key=intent.name)
    return Table(
        CHANGES,
        list(rows[:LATEST]),
        title="Open change requests",
        empty="No open change request changes this intent.",
    )


CHANGES: Sequence[Column[ChangeRequest]] = (
    Column("change-request", "Change request", numbered),
    Column("state", "State", lambda row: badge(row.state)),
    Column("evidence", "Evidence", evidence_badge),
    Column("expires", "Expires", lambda row: when(row.expires_at)),
)


def _fits(intent: Intent) -> Panel:
    rows = transforms_selectors.fits(intent.tenant).filter(intent=intent).defer("log").order_by("-pk")
    slug = intent.tenant.slug
    columns: Sequence[Column[Fit]] = (
        Column("fit", "Fit", lambda row: link(f"fit {row.pk}", "fit", tenant=slug, fit=row.pk)),
        Column("predictor", "Predictor", lambda row: Cell(row.predictor.key)),
        Column("state", "State", lambda row: badge(row.state)),
        Column("asked-for", "Requested", lambda row: when(row.created_at)),
    )
    return Table(
        columns,
        list(rows[:LATEST]),
        title="Latest fits",
        empty="No fits for this intent yet.",
    )


def _live(intent: Intent, releases: Sequence[Release]) -> Panel:
    return Timeline(
        list(_moments(intent, releases)),
        title="Releases that changed this intent",
        empty=f"None of the tenant's {RELEASES} newest releases changed this intent."
        if releases
        else "The tenant has no release yet.",
    )


def _moments(intent: Intent, releases: Sequence[Release]) -> Iterable[Moment]:
    read = [documents.decode(row.document) for row in releases]
    for place, row in enumerate(releases[:RELEASES]):
        before = read[place + 1] if place + 1 < len(read) else None
        if changed := in_words(before, read[place], only=intent.name):
            yield moment_of(row, intent.tenant, changed)
