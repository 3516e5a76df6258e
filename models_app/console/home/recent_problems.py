"""What went wrong lately, or is about to: on the home page."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from models_app.console.ui.panels import Cell, Note, Panel, link, when
from models_app.console.ui.tables import Column, Table
from models_app.monitoring import attention
from models_app.monitoring.attention import Matter
from scoring import processes
from scoring.models import ServingProcess
from tenants.models import Person, Tenant
from tenants.permissions import may
from tenants.roles import Permission

MOST = 8
_WORDS = {
    "incident": "An incident is open",
    "fit": "A fit failed",
    "evidence": "Evidence could not be computed",
    "refresh": "A refresh failed",
    "held back": "A refresh was held back",
    "trial": "A trial failed",
    "change": "Your change request expires soon",
    "quota": "A quota is nearly used up",
    "key": "A key's quota is nearly used up",
    "model": "A model file did not pass its checks",
}


class Troubles:
    """The recent problems that one person sees; `tenants` are theirs, by slug."""

    def __init__(self, person: Person, tenants: Mapping[str, Tenant]) -> None:
        self._tenants = tenants
        self._shared = may(person, Permission.VIEW_SHARED)
        self._person = person

    @cached_property
    def _processes(self) -> list[ServingProcess]:
        return list(processes.processes())

    @cached_property
    def _all(self) -> list[Matter]:
        return attention.troubles(self._person, shared=self._shared, most=MOST)

    @property
    def _matters(self) -> list[Matter]:
        return [row for row in self._all if row.kind in _WORDS]

    @property
    def _quarantined(self) -> list[Matter]:
        return [row for row in self._all if row.kind == "quarantine"]

    @property
    def _degraded(self) -> list[Matter]:
        return [row for row in self._all if row.kind == "degraded"]

    @cached_property
    def _not_loading(self) -> dict[tuple[str, int], str]:
        return {
            (slug, failure["number"]): failure["reason"]
            for process in self._processes
            for slug, failure in process.failures.items()
            if slug in self._tenants
        }

    @property
    def _lost(self) -> int:
        return sum(process.lost_events for process in self._processes) if self._shared else 0

    @property
    def count(self) -> int:
        return len(self._not_loading) + len(self._all) + bool(self._lost)

    def panels(self) -> Iterable[Panel]:
        for (slug, release), reason in list(self._not_loading.items())[:MOST]:
            yield Note(f"{slug}: release {release} does not load: {reason}", "bad", "The previous release is served")
        for row in self._degraded:
            text = (
                f"{row.tenant_slug}: {row.title}: {row.number:,} events of the last 24 hours were answered by what is "
                "declared for that. See the intent."
            )
            yield Note(text, "bad", "A live predictor fails")
        for row in self._quarantined:
            kind, _, intent = row.title.partition(" of ")
            text = f"{row.tenant_slug}: {intent}: {row.number:,} records wait on {row.details}"
            yield Note(text, "bad", f"A table of {kind} cannot be written, and is in quarantine")
        if self._lost:
            text = f"{self._lost:,} events were scored but not recorded because the disk was full. See Serving."
            yield Note(text, "bad", "Events dropped")
        if self._matters:
            yield Table(self._columns(), self._matters, title="Issues")

    def _columns(self) -> Sequence[Column[Matter]]:
        return (
            Column("what", "Issue", lambda row: Cell(_WORDS[row.kind])),
            Column("of", "Concerns", _page_of),
            Column("tenant", "Tenant", self._tenant),
            Column("when", "When", lambda row: when(row.at)),
        )

    def _tenant(self, row: Matter) -> Cell:
        """By its name, as everywhere on the page."""
        found = self._tenants.get(row.tenant_slug)
        return Cell(found.name if found else row.tenant_slug or "all")


def _page_of(row: Matter) -> Cell:
    if row.kind == "fit":
        return link(f"fit {row.number} of {row.title}", "fit", tenant=row.tenant_slug, fit=row.number)
    if row.kind in ("refresh", "held back"):
        return link(f"refresh {row.number} of {row.title}", "refreshes", tenant=row.tenant_slug, intent=row.title)
    if row.kind == "trial":
        return link(f"trial {row.number} of {row.title}", "trials", tenant=row.tenant_slug, intent=row.title)
    if row.kind == "incident":
        return link(f"{row.details} of {row.title}", "incident", tenant=row.tenant_slug, incident=row.number)
    if row.kind == "quota":
        return link(_used(row), "tenant", tenant=row.tenant_slug)
    if row.kind == "key":
        return link(f"{row.title}: {_used(row)}", "keys", tenant=row.tenant_slug)
    if row.kind == "model":
        return link(f"{row.title}@{row.number}", "model", name=row.title, version=row.number)
    return link(row.title, "change", tenant=row.tenant_slug, change=row.number)


def _used(row: Matter) -> str:
    return f"{row.share:.0%} of {row.number:,} events a {row.details}"
