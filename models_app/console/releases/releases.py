"""Releases: what was live when, and what serves it now."""

from collections.abc import Iterable, Sequence
from functools import cached_property

from models_app.console.releases.difference import origins
from models_app.console.ui.listing import Listing
from models_app.console.ui.page import TenantPage
from models_app.console.ui.panels import Cell, Moment, Panel, Verdict, badge, link, when
from models_app.console.ui.tables import Column, Table
from models_app.releases.filters import ReleaseFilters
from models_app.releases.words import in_words
from scoring import processes as serving
from scoring import releases
from scoring.engine.document import ReleaseDocument
from scoring.models import Release, ServingProcess
from tenants.models import Tenant
from tenants.permissions import may
from tenants.roles import Permission

PER_PAGE = 20  # their documents are read, to say what changed from one to the next


class Releases(TenantPage):
    title, tab = "Releases", "releases"
    intro = "Each release with who published it and why. Releases are kept as they were served."

    @cached_property
    def listing(self) -> Listing:
        return Listing(self.request, releases.listed(self.tenant), filters=ReleaseFilters, per_page=PER_PAGE)

    @cached_property
    def documents(self) -> dict[int, ReleaseDocument]:
        """Return the documents of this page's releases, and of the one before each, by number."""
        shown = [row.number for row in self.listing.page]
        return releases.documents_of(self.tenant, [*shown, *(number - 1 for number in shown)])

    @cached_property
    def origins(self) -> dict[int, str]:
        return origins(self.tenant, self.documents.values())

    @cached_property
    def may_go_back(self) -> bool:
        return may(self.person, Permission.APPROVE, self.tenant)

    @cached_property
    def processes(self) -> list[ServingProcess]:
        return list(serving.processes())

    def live_panels(self) -> Iterable[Panel]:
        live = releases.current(self.tenant)
        if live is not None:
            yield state_of(self.tenant, live, self.processes)

    def panels(self) -> Iterable[Panel]:
        words = "No releases yet. Make a change request and have it approved."
        yield self.listing.timeline(self._moment, empty=words)

    def below(self) -> Iterable[Panel]:
        yield processes_of(self.tenant, self.processes, named=may(self.person, Permission.VIEW_SHARED))

    def _moment(self, row: Release) -> Moment:
        there, ways = self.at("release", number=row.number), []
        if self.may_go_back and not getattr(row, "is_current", False):
            ways = [Cell("roll back to this release", href=f"{there}#roll_back")]
        return moment_of(row, self.tenant, self._changes(row.number), ways)

    def _changes(self, number: int) -> list[str]:
        """Return the changes from the release before, in words; empty for the first release."""
        before, after = self.documents.get(number - 1), self.documents[number]
        return in_words(before, after, self.origins) or ["The configuration is the same as before."]


def moment_of(row: Release, tenant: Tenant, changes: Sequence[str], ways: Sequence[Cell] = ()) -> Moment:
    """A release of selectors.releases: who made it, by which change request, why, and what it changed."""
    slug = tenant.slug
    badges = [badge("live")] if getattr(row, "is_current", False) else []
    badges.append(Cell(f"by {row.published_by or 'the platform'}"))
    if (change := getattr(row, "change_request", None)) is not None:
        badges.append(link(f"change request {change.number}", "change", tenant=slug, change=change.number))
    heading = link(f"Release {row.number}", "release", tenant=slug, number=row.number)
    return Moment(row.published_at, heading, row.reason, [*badges, *ways], changes)


def state_of(tenant: Tenant, live: Release, rows: Sequence[ServingProcess]) -> Panel:
    """Whether what is live is what these processes serve, in a sentence."""
    failed = [each for each in rows if each.failures.get(tenant.slug, {}).get("number") == live.number]
    serve = sum(row.releases.get(tenant.slug) == live.number for row in rows)
    name = f"Release {live.number} is live"
    if failed:
        why = failed[0].failures[tenant.slug]["reason"]
        return Verdict(badge("failed"), f"{name} but could not be loaded: {why} The previous release is served.")
    if not rows:
        return Verdict(badge("not served"), f"{name}, but no scoring process was active in the last minute.")
    if serve < len(rows):
        several = f"{serve} of {len(rows)} scoring processes"
        return Verdict(badge("loading"), f"{name}; {several} serve it; the others are loading it.")
    return Verdict(badge("live"), f"{name}, and {_all(len(rows))} it.")


def _all(count: int) -> str:
    words = {1: "the scoring process serves", 2: "both scoring processes serve"}
    return words.get(count, f"all {count} scoring processes serve")


def processes_of(tenant: Tenant, rows: Sequence[ServingProcess], *, named: bool) -> Panel:
    """Machines are the platform's: a tenant's people see what is served, not where (`named`)."""
    names = {row.pk: row.name if named else f"process {place}" for place, row in enumerate(rows, start=1)}
    columns: Sequence[Column[ServingProcess]] = (
        Column("process", "Scoring process", lambda row: Cell(names[row.pk])),
        Column("state", "State", lambda row: _state(row, tenant)),
        Column("serves", "Release served", lambda row: _served(row, tenant)),
        Column("failure", "Load error", lambda row: _failure(row, tenant)),
        Column("seen", "Last heartbeat", lambda row: when(row.seen_at)),
    )
    return Table(
        columns,
        rows,
        title="Scoring processes",
        empty="No scoring process has reported lately.",
    )


def _state(row: ServingProcess, tenant: Tenant) -> Cell:
    serves = "healthy" if row.releases.get(tenant.slug) else "nothing yet"
    return badge("failed" if tenant.slug in row.failures else serves)


def _served(row: ServingProcess, tenant: Tenant) -> Cell:
    served = row.releases.get(tenant.slug)
    return link(f"release {served}", "release", tenant=tenant.slug, number=served) if served else Cell("–")


def _failure(row: ServingProcess, tenant: Tenant) -> Cell:
    failure = row.failures.get(tenant.slug)
    return Cell(f"release {failure['number']}: {failure['reason']}" if failure else "–")
