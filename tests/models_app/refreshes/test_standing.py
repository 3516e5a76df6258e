"""Refreshes that go live by themselves, within the bounds of a standing approval, and those that do not."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from models_app.changes.evidence.models import Evidence
from models_app.changes.models import ChangeRequest
from models_app.changes.policy import set_policy
from models_app.changes.standing_approvals import services
from models_app.changes.standing_approvals.models import StandingApproval
from models_app.changes.standing_approvals.publishing import publish_under
from models_app.refreshes.lease import RefreshWork
from models_app.refreshes.models import Refresh
from models_app.refreshes.order import order_refreshes
from models_app.transforms.models import Transform
from scoring import releases
from scoring.models import Release
from tenants.models import AuditEntry
from tenants.refusals import Conflict
from tenants.scope import platform_scope
from tests.factories import make_model, make_person, make_predictor, make_reference
from tests.models_app.changes.standing_approvals.conftest import propose
from tests.models_app.refreshes.conftest import Fleet, Refreshing
from tests.watching import make_incident


def allow(refreshing: Refreshing, **changes: Any) -> StandingApproval:
    """A standing approval that another person has approved."""
    with platform_scope():
        approval = propose(refreshing.world, refreshing.author, **changes)
        services.approve_standing_approval(
            actor=make_person(role="approver"), approval=approval, digest=approval.digest
        )
    return approval


def live(refreshing: Refreshing) -> Release:
    with platform_scope():
        found = releases.current(refreshing.world.tenant)
    assert found is not None
    return found


def drafted(refreshing: Refreshing) -> ChangeRequest:
    """What a refresh has made, as it was before it was submitted."""
    change = refreshing.due().change_request
    assert change is not None
    with platform_scope():
        ChangeRequest.objects.filter(pk=change.pk).update(state="draft", submitted_at=None)
        change.refresh_from_db()
    return change


def test_refresh__within_a_standing_approval__goes_live_and_its_release_names_it(refreshing: Refreshing) -> None:
    approval = allow(refreshing)
    refresh = refreshing.due()
    assert (refresh.state, refresh.outcome, refresh.refused) == ("succeeded", "live", []), refresh.log
    change, release = refresh.change_request, live(refreshing)
    assert change is not None
    assert (change.state, change.release, change.standing_approval_id) == ("published", release, approval.pk)
    assert (release.number, release.published_by, release.digest) == (3, None, change.digest)
    assert f"by standing approval {approval.number}" in release.reason
    with platform_scope():
        assert Evidence.objects.get(change_request=change).is_good
        entry = AuditEntry.objects.get(tenant=refreshing.world.tenant, act="publish by standing approval")
        assert entry.details["release"] == 3
        assert entry.details["bounds"] == StandingApproval.objects.get(pk=approval.pk).digest


def test_refreshes__within_a_standing_approval__go_live_one_after_the_other(refreshing: Refreshing) -> None:
    allow(refreshing)
    assert [refreshing.due(days=1).outcome, refreshing.due().outcome] == ["live", "live"]
    assert live(refreshing).number == 4


def test_refresh__beside_a_standing_approval_of_narrow_bounds__waits_and_says_why(refreshing: Refreshing) -> None:
    allow(refreshing, mapping_tolerance=0.001)
    refresh = refreshing.due()
    assert (refresh.outcome, live(refreshing).number) == ("waits", 2)
    (why,) = refresh.refused
    assert why.startswith("standing approval 1: transform ")
    assert "approved is up to 0.001" in why


def test_refresh__beside_a_standing_approval_that_nobody_approved__waits(refreshing: Refreshing) -> None:
    with platform_scope():
        propose(refreshing.world, refreshing.author)
    refresh = refreshing.due()
    assert (refresh.outcome, live(refreshing).number) == ("waits", 2)
    assert "has 0 of the 1 approvals" in refresh.refused[0]


def _bounds(refreshing: Refreshing, approval: StandingApproval, **changes: Any) -> None:
    """Change it and have it approved by somebody else, with no regard to services."""
    StandingApproval.objects.filter(pk=approval.pk).update(**changes)
    approval.refresh_from_db()
    services.approve_standing_approval(actor=make_person(role="approver"), approval=approval, digest=approval.digest)


def _error(change: ChangeRequest) -> float:
    """How closely the fit of a refresh knows the rarest declared alert rate, as a share of it."""
    fitted = Transform.objects.filter(tenant=change.tenant_id).latest("pk")
    return float(fitted.report["sample_size"]["relative_error"])


AGAINST: dict[str, tuple[Callable[[Refreshing, StandingApproval, ChangeRequest], object], str]] = {
    "revoked": (
        lambda case, approval, change: services.revoke_standing_approval(actor=case.author, approval=approval),
        "is revoked",
    ),
    "edited": (
        lambda case, approval, change: services.edit_standing_approval(
            actor=case.author, approval=approval, changes={}, reason="x"
        ),
        "has 0 of the 1 approvals",
    ),
    "changed by hand": (
        lambda case, approval, change: StandingApproval.objects.update(rate_tolerance=0.4),
        "has 0 of the 1 approvals",
    ),
    "over": (
        lambda case, approval, change: StandingApproval.objects.update(until=timezone.now() - timedelta(minutes=1)),
        "was over at",
    ),
    "policy needs more": (
        lambda case, approval, change: set_policy(
            actor=None, tenant=case.world.tenant, changes={"approvals_needed": 2}
        ),
        "has 1 of the 2 approvals",
    ),
    "attack": (lambda case, approval, change: make_incident(case.world.intent, kind="risk"), "(risk) goes on"),
    "data fault": (
        lambda case, approval, change: make_incident(case.world.intent, state="acknowledged"),
        "(data fault) goes on",
    ),
    "evidence fails": (
        lambda case, approval, change: Evidence.objects.filter(change_request=change).update(verdict="fail"),
        "the verdict is “fail”",
    ),
    "risk rose": (
        lambda case, approval, change: Evidence.objects.filter(change_request=change).update(risk_rose=True),
        "risk rose",
    ),
    "evidence of another document": (
        lambda case, approval, change: Evidence.objects.filter(change_request=change).update(live_digest="0"),
        "there is no evidence",
    ),
    "another predictor": (
        lambda case, approval, change: _bounds(case, approval, predictor=make_predictor(make_model())),
        "; approved is ",
    ),
    "another reference": (
        lambda case, approval, change: _bounds(case, approval, reference=make_reference()),
        "; approved is ",
    ),
    "rates": (
        lambda case, approval, change: _bounds(case, approval, rate_tolerance=1e-6),
        "the alert rate at “",
    ),
    "fewer events than the bounds take": (
        lambda case, approval, change: _bounds(case, approval, rate_tolerance=0.99 * _error(change)),
        "of itself; approved is up to",
    ),
    "withdrawn": (
        lambda case, approval, change: ChangeRequest.objects.filter(pk=change.pk).update(state="withdrawn"),
        "it must be draft",
    ),
}


@pytest.mark.parametrize("what", AGAINST)
def test_publish__with_something_against_it__is_refused_in_words(refreshing: Refreshing, what: str) -> None:
    change, approval = drafted(refreshing), allow(refreshing)
    act, words = AGAINST[what]
    with platform_scope():
        act(refreshing, approval, change)
        with pytest.raises(Conflict) as refused:
            publish_under(approval=approval, change=change)
    assert words in str(refused.value)
    assert live(refreshing).number == 2


def test_refresh__of_few_events_but_as_many_as_the_bounds_take__goes_live(fleet: Fleet) -> None:
    """Two people have approved how far alert rates may move: chance may do as much, and no more."""
    refreshing = Refreshing(fleet.tenant(events=3_000), fleet.author)
    allow(refreshing, rate_tolerance=0.5)
    refresh = refreshing.due()
    assert (refresh.outcome, refresh.refused) == ("live", [])
    with platform_scope():
        fitted = Transform.objects.filter(tenant=refreshing.world.tenant).latest("pk")
    assert fitted.report["verdict"] == "flagged"
    assert 0.1 < fitted.report["sample_size"]["relative_error"] < 0.5


@pytest.mark.parametrize(("alerts_a_day", "outcome"), [(0.0, "waits"), (1000.0, "live")])
def test_refresh__beside_bounds_in_alerts_a_day__moves_rates_by_up_to_these(
    refreshing: Refreshing, alerts_a_day: float, outcome: str
) -> None:
    """The share alone would hold it back."""
    allow(refreshing, rate_tolerance=0.001, alerts_a_day=alerts_a_day)
    assert refreshing.due().outcome == outcome


def test_publish__of_a_change_of_more_than_transforms__is_refused(refreshing: Refreshing) -> None:
    """Thresholds that were configured since would go live with it."""
    approval, intent = allow(refreshing), refreshing.world.intent
    with platform_scope():
        type(intent).objects.filter(pk=intent.pk).update(thresholds=[{"name": "review", "score": 0.35}])
    refresh = refreshing.due()
    assert (refresh.outcome == "live", live(refreshing).number) == (False, 2)
    assert refresh.refused == [f"standing approval {approval.number}: more would change than transforms of {intent}"]


def test_publish__of_another_tenants_standing_approval__is_refused(refreshing: Refreshing, fleet: Any) -> None:
    change, other = drafted(refreshing), fleet.tenant()
    with platform_scope():
        theirs = propose(other, refreshing.author)
        services.approve_standing_approval(actor=make_person(role="approver"), approval=theirs, digest=theirs.digest)
        with pytest.raises(Conflict, match="no standing approval"):
            publish_under(approval=theirs, change=change)


def test_refresh__worker_died_as_it_went_live__is_live_once(
    refreshing: Refreshing, monkeypatch: pytest.MonkeyPatch, dies: Callable[..., None]
) -> None:
    """What it publishes and that it has done so commit together."""
    allow(refreshing)
    assert order_refreshes() == 1
    with monkeypatch.context() as patched:
        patched.setattr(RefreshWork, "succeed", dies)
        with pytest.raises(OperationalError):
            refreshing.work_off()
    assert live(refreshing).number == 2
    with platform_scope():
        Refresh.objects.update(alive_at=timezone.now() - timedelta(minutes=1))
    assert (refreshing.work_off().outcome, live(refreshing).number) == ("live", 3)
    refreshing.work_off()
    assert live(refreshing).number == 3


@pytest.mark.django_db(transaction=True)
def test_publish__while_it_is_revoked__waits_for_that_and_is_refused(refreshing: Refreshing) -> None:
    change, approval = drafted(refreshing), allow(refreshing)
    found: list[object] = []

    def publish() -> None:
        try:
            with platform_scope():
                publish_under(approval=approval, change=change)
        except Conflict as refusal:
            found.append(str(refusal))
        finally:
            connection.close()

    thread = threading.Thread(target=publish)
    with platform_scope(), transaction.atomic():
        services.revoke_standing_approval(actor=refreshing.author, approval=approval)
        thread.start()
        time.sleep(0.5)
        assert thread.is_alive()
    thread.join(30)
    assert found == ["standing approval 1 is revoked: no reason was given"]
    assert live(refreshing).number == 2


def test_conclude__of_a_refresh_that_was_submitted_already__leaves_it_to_people(refreshing: Refreshing) -> None:
    """A worker died after it had submitted it; a standing approval that came since is for the next refresh."""
    refresh = refreshing.due()
    allow(refreshing)
    with platform_scope():
        Refresh.objects.update(state="queued", outcome="")
    again = refreshing.work_off()
    assert (again.outcome, live(refreshing).number) == ("waits", 2)
    assert again.change_request_id == refresh.change_request_id
    assert "it must be draft" in again.refused[0]
