"""The product in this process, with nobody but itself to act: scoring, consumer, beat and workers take turns."""

from collections import Counter
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from benchmarks.by_itself import (
    ALERTS_A_DAY,
    ALERTS_A_DAY_OFF,
    HALF_LIFE,
    MAPPING_TOLERANCE,
    RATE_TOLERANCE,
    TOLERANCES,
    WINDOW,
)
from benchmarks.own_clock import Clock
from models_app.changes.policy import set_policy
from models_app.changes.standing_approvals import services as standing
from models_app.incidents.models import Incident
from models_app.refreshes.models import Refresh
from models_app.refreshes.policy import set_refresh_policy
from models_app.transforms.models import Transform
from models_app.work.models import LongWork
from models_app.work.workers import run_work
from scoring.consumer.consumer import Consumer
from scoring.consumer.reporter import Reporter
from scoring.serving.process import serving
from tenants.models import Intent, Person
from tenants.scope import platform_scope

_MACHINE, _MOST = "left-alone", 100_000
_AN_HOUR = 3600.0


class Product:
    """`clock`: by which all of it goes."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._reporter = Reporter(_MACHINE)
        self._consumer = Consumer(
            settings.SEGMENTS_DIR,
            machine=_MACHINE,
            flush_seconds=0.0,
            flush_events=_MOST,
            on_commit=self._reporter.committed,
        )
        serving().watcher.load_first()

    def allow(self, slug: str) -> None:
        """Two people set up how a tenant's intent is refreshed, and approve bounds for it."""
        with platform_scope():
            intent = Intent.objects.select_related("tenant").get(tenant__slug=slug)
            transform = Transform.objects.select_related("predictor", "reference").filter(intent=intent).latest("pk")
            author, approver = (Person.objects.get(email=f"{role}@example.com") for role in ("analyst", "approver"))
            tolerances = {f"{intent.name}/alerts-{rate}": share for rate, share in TOLERANCES.items()}
            off = {"tolerances": tolerances, "alerts_a_day": ALERTS_A_DAY_OFF}
            set_policy(actor=None, tenant=intent.tenant, changes=off)
            set_refresh_policy(
                actor=author, intent=intent, changes={"window_days": WINDOW, "half_life_days": HALF_LIFE}
            )
            approval = standing.propose_standing_approval(
                actor=author,
                intent=intent,
                predictor=transform.predictor,
                reference=transform.reference,
                reason="What the benchmark measures.",
                rate_tolerance=RATE_TOLERANCE,
                alerts_a_day=ALERTS_A_DAY,
                mapping_tolerance=MAPPING_TOLERANCE,
                until=self.clock.at + timedelta(days=365),
            )
            standing.approve_standing_approval(actor=approver, approval=approval, digest=approval.digest)

    def score(self, key: str, body: bytes) -> None:
        """Answer a client's batch."""
        service = serving().service
        service.score_batch_json(service.authenticate({"HTTP_AUTHORIZATION": f"Bearer {key}"}), body)

    def keep(self) -> None:
        """Bring all that was scored into the lake, and count it."""
        while self._consumer.step(flush_all=True):
            pass
        self._reporter.report(self._consumer.states, self._consumer.quarantined)

    def beat(self, hour: int) -> None:
        """Every task of the beat's that is due by the end of this hour of the day, and all work that comes of it."""
        schedule: dict[str, dict[str, Any]] = settings.CELERY_BEAT_SCHEDULE
        for entry in schedule.values():
            if entry["schedule"] <= _AN_HOUR or hour == 23:
                import_string(entry["task"])()
        while work := _asked_for():
            for arguments in work:
                run_work(*arguments)
        serving().watcher.look()

    def outcomes(self) -> tuple[Counter[str], Counter[str], Counter[str]]:
        """How refreshes have ended; what was said against those that did not go live; incidents by kind."""
        with platform_scope():
            refreshes = list(Refresh.objects.all())
            incidents = Counter(Incident.objects.values_list("kind", flat=True))
        ended = Counter(each.outcome or f"{each.state}: {each.error}" for each in refreshes)
        refused = Counter(why for each in refreshes if each.outcome != Refresh.Outcome.LIVE for why in each.refused)
        return ended, refused, incidents

    def effective(self) -> dict[int, int]:
        """Of how many events of equal weight each transform's fit is worth."""
        with platform_scope():
            rows = list(Transform.objects.values_list("pk", "report"))
        return {pk: int(report.get("effective") or report.get("n") or 0) for pk, report in rows}


def _asked_for() -> list[tuple[str, int, int]]:
    """The arguments of all work that waits, of every kind, in the order in which it was asked for."""
    with platform_scope():
        rows = [row for kind in LongWork.kinds().values() for row in kind._default_manager.filter(state="queued")]
    return [row.arguments for row in sorted(rows, key=lambda row: row.created_at)]
