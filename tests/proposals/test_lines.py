"""What workers make of a proposal's lines, from a real lake."""

from datetime import timedelta

from django.utils import timezone

from models_app import tasks
from models_app.models import ChangeRequest, Evidence, Fit, ProposalLine
from models_app.proposals.work import LineWork
from models_app.selectors import proposals as selectors
from models_app.services.proposals import cancel_proposal
from tenants.models import Intent
from tenants.scope import platform_scope
from tests.factories import make_model, make_predictor
from tests.proposals.conftest import Fleet, work_off


def test_lines__one_passes_one_has_few_events_one_cannot__each_ends_by_itself(fleet: Fleet) -> None:
    good, small, cannot = fleet.tenant(), fleet.tenant(events=50), fleet.tenant()
    with platform_scope():
        Intent.objects.filter(tenant=cannot.tenant).update(keep_features="none")
    proposal = fleet.propose()
    work_off(proposal)
    passing, few, failed = fleet.lines(proposal)
    assert (passing.state, passing.verdict) == ("succeeded", "pass"), (passing.error, passing.log)
    assert passing.change_request is not None
    assert (passing.change_request.state, passing.change_request.author) == ("in review", fleet.author)
    assert passing.change_request.routes[good.intent.name][0]["live"]["predictor"] == fleet.new.key
    assert (few.state, few.verdict, few.change_request) == ("failed", "not enough events", None)
    assert "fit on" in few.error
    assert (failed.state, failed.verdict) == ("failed", "")
    assert "a replay needs features that the intent does not keep" in failed.error
    assert small.tenant == few.tenant
    with platform_scope():
        summary = selectors.summary(proposal)
    assert {name: count for name, count in summary.items() if count} == {
        "pass": 1, "not enough events": 1, "failed": 1
    }  # fmt: skip
