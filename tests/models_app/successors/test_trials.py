"""What comes of a shadow's trial, from a real lake with what shadows gave and what labels said."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.utils import timezone

from models_app.changes import reviewing, selectors
from models_app.changes.evidence.models import Evidence
from models_app.changes.models import ChangeRequest
from models_app.changes.standing_approvals import services as standing_approvals
from models_app.changes.standing_approvals.publishing import publish_under
from models_app.successors import run
from models_app.successors.models import Trial
from models_app.successors.order import order_trials
from models_app.transforms.models import Fit, Transform
from scoring import releases
from tenants.models import AuditEntry
from tenants.refusals import Conflict
from tenants.scope import platform_scope
from tests.factories import make_person
from tests.models_app.changes.standing_approvals.conftest import propose
from tests.models_app.successors.conftest import Trying, of_large_amounts, of_late_hours


def test_trial__of_a_shadow_that_has_won__is_proposed_by_itself_and_waits_for_another(trying: Trying) -> None:
    trying.record()
    trying.labelled(of_large_amounts)
    trial = trying.judged()
    assert (trial.state, trial.outcome, trial.against) == ("succeeded", "waits", []), (trial.error, trial.log)
    change = trial.change_request
    assert change is not None
    assert (change.state, change.author) == ("in review", trying.author)
    assert change.reason.startswith("Proposed by itself: as a shadow of ")
    with platform_scope():
        (route,) = change.routes[trying.world.intent.name]
        fit = Fit.objects.get(tenant=trying.world.tenant)
        assert route["live"] == {"predictor": trying.shadow.key, "transform": fit.transform_id}
        assert fit.transform.reference == trying.world.transform.reference
        current = releases.current(trying.world.tenant)
        assert current is not None
        assert current.pk == trying.world.release.pk  # nothing goes live by itself
        entry = AuditEntry.objects.get(tenant=trying.world.tenant, act="trial succeeded")
        evidence = Evidence.objects.get(change_request=change)
    assert (entry.subject, entry.details["outcome"]) == (f"trial {trial.pk}", "waits")
    assert abs(evidence.start - trial.begin) < timedelta(minutes=5)  # so that the trial's labels are in it
    assert trial.found["positive"] > 100
    assert all(each["shadow"] > each["live"] for each in trial.found["contests"])


def test_trial__of_a_shadow_that_is_worse__proposes_nothing_and_says_why(trying: Trying) -> None:
    trying.record()
    trying.labelled(of_late_hours)
    trial = trying.judged()
    assert (trial.state, trial.outcome, trial.change_request) == ("succeeded", "not better", None), trial.error
    assert any(each.startswith("at “decline” it catches ") for each in trial.against)
    with platform_scope():
        assert not ChangeRequest.objects.filter(tenant=trying.world.tenant).exists()
        assert not Fit.objects.filter(tenant=trying.world.tenant).exists()


def test_trial__without_labels__says_how_many_it_takes(trying: Trying) -> None:
    trying.record(1_000)
    trial = trying.judged()
    assert (trial.outcome, trial.change_request) == ("too few labels", None), trial.error
    assert trial.against == ["0 labelled events are positive; it takes 20 to compare"]


def test_trial__of_which_the_shadow_scored_a_part__is_not_judged_by_that(trying: Trying) -> None:
    """Here none of it: no release with the shadow was loaded yet when the events were scored."""
    trying.serve((), days=16)
    trying.record(1_000)
    trying.serve([_transform(trying)], days=15)
    trial = trying.judged()
    assert (trial.outcome, trial.against) == (
        "too few labels",
        ["it has scored 0 % of the trial's events; it takes 95 %"],
    ), trial.error


def test_trial__of_a_shadow_that_went_meanwhile__fails_and_says_so(trying: Trying) -> None:
    trying.record(1_000)
    assert order_trials() == 1
    trying.serve(())
    trial = trying.work_off()
    assert (trial.state, trial.outcome) == ("failed", "")
    assert f"{trying.shadow.key} is no longer a shadow of {trying.world.predictor.key}" in trial.error


def test_trial__approved_by_who_set_the_policy__is_refused(trying: Trying) -> None:
    change = _won(trying)
    with platform_scope():
        evidence = selectors.latest_evidence(change)
        assert evidence is not None
        admin = make_person(role="admin")
        ChangeRequest.objects.filter(pk=change.pk).update(author=admin)
        seen = {"document_digest": change.digest, "evidence_digest": evidence.digest}
        with pytest.raises(PermissionDenied, match="a change of their own"):
            reviewing.approve(actor=admin, change=change, **seen)


def test_trial__beside_a_standing_approval__goes_live_by_nothing_but_people(trying: Trying) -> None:
    """Not for the live predictor's, nor for one of its own: another predictor is more than transforms."""
    change = _won(trying)
    with platform_scope():
        ChangeRequest.objects.filter(pk=change.pk).update(state="draft", submitted_at=None)
        for predictor in (trying.world.predictor, trying.shadow):
            approval = propose(trying.world, trying.author, predictor=predictor)
            approver = make_person(role="approver")
            standing_approvals.approve_standing_approval(actor=approver, approval=approval, digest=approval.digest)
            with pytest.raises(Conflict, match="more would change than transforms"):
                publish_under(approval=approval, change=change)


def test_trial__while_its_change_request_waits__is_not_followed_by_another(trying: Trying) -> None:
    _won(trying)
    assert order_trials(now=timezone.now() + timedelta(days=30)) == 0
    with platform_scope():
        ChangeRequest.objects.filter(tenant=trying.world.tenant).update(state="rejected")
    assert order_trials(now=timezone.now() + timedelta(days=30)) == 1
    with platform_scope():
        first, second = Trial.objects.filter(tenant=trying.world.tenant).order_by("pk")
    assert second.begin == first.end


def test_trial__worker_died_at_any_point__goes_on_where_it_was(
    trying: Trying, monkeypatch: pytest.MonkeyPatch, dies: Callable[..., None]
) -> None:
    """It makes no second fit, no second change request and no second evidence."""
    trying.record()
    trying.labelled(of_large_amounts)
    assert order_trials() == 1
    for step in ("found_of", "fitted", "_proposed", "lock_current", "evidence_for", "_conclude"):
        with monkeypatch.context() as patched:
            patched.setattr(run, step, dies)
            with pytest.raises(OperationalError):
                trying.work_off()
        with platform_scope():
            Trial.objects.update(alive_at=timezone.now() - timedelta(minutes=1), attempt=0)
    trial = trying.work_off()
    assert (trial.state, trial.outcome) == ("succeeded", "waits"), (trial.error, trial.log)
    with platform_scope():
        assert Fit.objects.filter(tenant=trying.world.tenant).count() == 1
        assert ChangeRequest.objects.filter(tenant=trying.world.tenant).count() == 1
        assert Evidence.objects.filter(tenant=trying.world.tenant).count() == 1


def _won(trying: Trying) -> ChangeRequest:
    trying.record()
    trying.labelled(of_large_amounts)
    change = trying.judged().change_request
    assert change is not None
    return change


def _transform(trying: Trying) -> Transform:
    with platform_scope():
        return Transform.objects.select_related("predictor").get(predictor=trying.shadow)
