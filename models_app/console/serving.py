"""Which process serves what, now; and how far the event consumers are."""

from collections.abc import Iterable

from models_app.console.page import SharedPage
from models_app.console.parts import Cell, Part, Table, number, when
from models_app.selectors import serving


class Serving(SharedPage):
    title = "Serving"
    lead = "As the processes last spoke. One that has been silent for a minute is not listed."

    def parts(self) -> Iterable[Part]:
        yield Table(
            ["Process", "Tenants", "Could not load", "Events lost", "Started", "Said at"],
            [
                [
                    Cell(row.name),
                    number(len(row.releases)),
                    Cell(
                        "; ".join(
                            f"{slug} release {told['number']}: {told['reason']}" for slug, told in row.failures.items()
                        )
                        or "–"
                    ),
                    number(row.lost_events),
                    when(row.started_at),
                    when(row.seen_at),
                ]
                for row in serving.processes()
            ],
            title="Scoring processes",
            empty="No scoring process has spoken within the last minute.",
        )
        yield Table(
            ["Machine", "Lane", "Events", "Bytes behind", "Repeats dropped", "Events lost", "Said at"],
            [
                [
                    Cell(row.machine),
                    Cell(row.lane),
                    number(row.events),
                    number(row.behind_bytes),
                    number(row.duplicates),
                    number(row.lost_events),
                    when(row.seen_at),
                ]
                for row in serving.lanes()
            ],
            title="Event consumers",
            empty="No event consumer has spoken yet.",
        )
