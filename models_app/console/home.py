"""Home: what needs me?"""

from collections.abc import Iterable

from models_app.console.changes import evidence_badge
from models_app.console.page import Page
from models_app.console.parts import Cell, Links, Note, Part, Table, address, badge, link, number, when
from models_app.models import ChangeRequest, Evidence, Fit
from models_app.selectors import changes, serving
from tenants.models import Tenant
from tenants.permissions import may
from tenants.roles import Act

MOST = 10


class Home(Page):
    title = "What needs me"

    def parts(self) -> Iterable[Part]:
        if not Tenant.objects.exists():
            return [self._first_day()]
        return [*self._failures(), self._waiting(), self._at_work(), self._traffic()]

    def _first_day(self) -> Part:
        if may(self.person, Act.MANAGE_PLATFORM):
            return Links([("Create the first tenant", address("tenants"))])
        return Note("No tenant is there for you yet. Ask an admin for a role.", heading="Welcome to MUSE")

    def _failures(self) -> Iterable[Part]:
        """What scoring processes could not load, for the person's tenants."""
        mine = set(Tenant.objects.values_list("slug", flat=True))
        told = {
            (slug, failure["number"]): failure["reason"]
            for process in serving.processes().exclude(failures={})
            for slug, failure in process.failures.items()
            if slug in mine
        }
        for (slug, release), reason in told.items():
            yield Note(f"{slug}: release {release} does not load: {reason}", "bad", "The release before it is served")

    def _waiting(self) -> Part:
        rows = changes.changes().filter(state__in=[ChangeRequest.State.IN_REVIEW, ChangeRequest.State.APPROVED])
        rows = rows.exclude(author=self.person).exclude(edited_by=self.person)
        waiting = [row for row in rows.defer("document", "routes")[:100] if may(self.person, Act.APPROVE, row.tenant)]
        return Table(
            ["Change request", "Tenant", "Evidence", "Author", "Submitted"],
            [
                [
                    link(row.title, "change", tenant=row.tenant.slug, change=row.number),
                    Cell(row.tenant.name),
                    evidence_badge(row),
                    Cell(row.author),
                    when(row.submitted_at),
                ]
                for row in waiting[:MOST]
            ],
            title="Waiting for my review",
            empty="Nothing waits for you.",
        )

    def _at_work(self) -> Part:
        fits = Fit.objects.filter(created_by=self.person).select_related("tenant", "intent__tenant", "predictor")
        rows = [_work(row, f"Fit {row.pk} of {row.intent.name}", "fit", fit=row.pk) for row in fits[:MOST]]
        mine = Evidence.objects.filter(created_by=self.person, state__in=Evidence.ACTIVE)
        for row in mine.select_related("tenant", "change_request")[:MOST]:
            rows.append(_work(row, row.change_request.title, "change", change=row.change_request.number))
        return Table(
            ["Work", "Tenant", "State", "Progress", "Asked for"],
            rows,
            title="My latest work",
            empty="You have asked for no fit yet. Open a tenant's intent to ask for one.",
        )

    def _traffic(self) -> Part:
        rows = serving.last_day()
        return Table(
            ["Tenant", "Intent", "Events", "Alert rates"],
            [
                [
                    Cell(row["tenant"]),
                    link(row["intent"], "intent", tenant=row["slug"], intent=row["intent"]),
                    number(row["events"]),
                    Cell(_rates(row)),
                ]
                for row in rows
            ],
            title="Scored in the last 24 hours",
            empty="No event was scored in the last 24 hours.",
        )


def _work(row: Fit | Evidence, words: str, page: str, **place: int) -> list[Cell]:
    return [
        link(words, page, tenant=row.tenant.slug, **place),
        Cell(row.tenant.name),
        badge(row.state),
        Cell(f"{row.progress:.0%}", kind="number"),
        when(row.created_at),
    ]


def _rates(row: dict[str, object]) -> str:
    events, alerts = row["events"], row["alerts"]
    assert isinstance(events, int)
    assert isinstance(alerts, dict)
    return ", ".join(f"{name} {100 * count / events:.3g} %" for name, count in sorted(alerts.items())) or "–"
