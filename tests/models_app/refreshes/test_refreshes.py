"""What workers make of refreshes that are due, from a real lake."""

from collections.abc import Callable
from datetime import timedelta

import msgspec
import pytest
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.utils import timezone

from models_app.changes import reviewing, selectors
from models_app.changes.evidence.models import Evidence
from models_app.changes.models import ChangeRequest
from models_app.refreshes import run
from models_app.refreshes.models import Refresh
from models_app.refreshes.order import order_refreshes
from models_app.transforms.models import Fit, Transform
from scoring import releases
from scoring.engine import document
from scoring.services import publish_document
from tenants.models import AuditEntry
from tenants.scope import platform_scope
from tests.documents import CHANNEL
from tests.factories import intent_part, make_document, make_model, make_person, make_predictor, make_transform, text_of
from tests.models_app.refreshes.conftest import Refreshing
from tests.watching import make_incident


def test_refresh__that_is_due__proposes_a_transform_of_its_window_and_waits_for_another(refreshing: Refreshing) -> None:
    refresh = refreshing.due()
    change = refresh.change_request
    assert (refresh.state, refresh.outcome, refresh.refused) == ("succeeded", "waits", []), (refresh.error, refresh.log)
    assert change is not None
    assert (change.state, change.author) == ("in review", refreshing.author)
    with platform_scope():
        fit = Fit.objects.get(refresh=refresh)
        (route,) = change.routes[refreshing.world.intent.name]
        assert route["live"] == {"predictor": refreshing.world.predictor.key, "transform": fit.transform_id}
        assert (fit.source["days"], fit.source["as_of"][:16]) == (14.0, refresh.due.isoformat()[:16])
        current = releases.current(refreshing.world.tenant)
        assert current is not None
        assert current.number == refreshing.world.release.number  # nothing goes live by itself
        entry = AuditEntry.objects.get(tenant=refreshing.world.tenant, act="refresh succeeded")
    assert (entry.subject, entry.details["outcome"]) == (f"refresh {refresh.pk}", "waits")


def test_refresh__approved_by_who_set_it__is_refused(refreshing: Refreshing) -> None:
    change = refreshing.due().change_request
    with platform_scope():
        admin = make_person(role="admin")
        evidence = selectors.latest_evidence(change)
        seen = {"document_digest": change.digest, "evidence_digest": evidence.digest}
        type(change).objects.filter(pk=change.pk).update(author=admin)
        with pytest.raises(PermissionDenied, match="a change of their own"):
            reviewing.approve(actor=admin, change=change, **seen)
        reviewing.approve(actor=make_person(role="approver"), change=change, **seen)


@pytest.mark.parametrize("kind", ["risk", "data fault"])
def test_refresh__while_an_incident_speaks_against_it__is_held_back_and_names_it(
    refreshing: Refreshing, kind: str
) -> None:
    incident = make_incident(refreshing.world.intent, kind=kind)
    refresh = refreshing.due()
    assert (refresh.state, refresh.outcome) == ("succeeded", "held back")
    assert refresh.refused == [f"incident {incident.pk} ({kind}) goes on"]
    assert refresh.held_back_by == [incident.pk]
    with platform_scope():
        assert not ChangeRequest.objects.filter(tenant=refreshing.world.tenant).exists()
        assert not Fit.objects.filter(refresh=refresh).exists()


def test_refresh__while_scores_shifted__is_what_is_wanted_then(refreshing: Refreshing) -> None:
    make_incident(refreshing.world.intent, kind="scale")
    assert refreshing.due().outcome == "waits"


def test_refreshes__in_a_row__leave_the_latest_to_wait(refreshing: Refreshing) -> None:
    first = refreshing.due(days=1)
    second = refreshing.due()
    assert (first.outcome, second.outcome) == ("waits", "waits")
    with platform_scope():
        states = dict(ChangeRequest.objects.filter(tenant=refreshing.world.tenant).values_list("pk", "state"))
    assert states == {first.change_request_id: "withdrawn", second.change_request_id: "in review"}


def test_refresh__after_one_that_somebody_edited__leaves_that_to_them(refreshing: Refreshing) -> None:
    first = refreshing.due(days=1).change_request
    with platform_scope():
        ChangeRequest.objects.filter(pk=first.pk).update(revision=2)
    refreshing.due()
    with platform_scope():
        first.refresh_from_db()
    assert first.state == "in review"


def test_refresh__worker_died_at_any_point__goes_on_where_it_was(
    refreshing: Refreshing, monkeypatch: pytest.MonkeyPatch, dies: Callable[..., None]
) -> None:
    """It makes no second fit, no second change request and no second evidence."""
    assert order_refreshes() == 1
    for step in ("fitted_anew", "_drafted", "lock_current", "_withdraw_earlier", "evidence_for", "_conclude"):
        with monkeypatch.context() as patched:
            patched.setattr(run, step, dies)
            with pytest.raises(OperationalError):
                refreshing.work_off()
        assert refreshing.work_off().state == "running"  # taken for alive yet
        with platform_scope():
            Refresh.objects.update(alive_at=timezone.now() - timedelta(minutes=1), attempt=0)
    refresh = refreshing.work_off()
    assert (refresh.state, refresh.outcome) == ("succeeded", "waits"), (refresh.error, refresh.log)
    with platform_scope():
        assert Fit.objects.filter(refresh=refresh).count() == 1
        assert ChangeRequest.objects.filter(tenant=refreshing.world.tenant).count() == 1
        assert Evidence.objects.filter(tenant=refreshing.world.tenant).count() == 1


def test_refresh__other_release_published_meanwhile__makes_no_change_request_over_it(
    refreshing: Refreshing, monkeypatch: pytest.MonkeyPatch
) -> None:
    fitted_anew, world = run.fitted_anew, refreshing.world

    def while_somebody_publishes(*args: object) -> int:
        with platform_scope():
            other = make_document(world.intent, make_transform(world.intent, world.predictor))
            publish_document(tenant=world.tenant, document=text_of(other), actor=None, reason="for tests")
        return fitted_anew(*args)

    monkeypatch.setattr(run, "fitted_anew", while_somebody_publishes)
    refresh = refreshing.due()
    assert (refresh.state, refresh.outcome, refresh.change_request) == ("failed", "", None)
    assert "another release was published meanwhile" in refresh.error


def test_refresh__of_an_intent_that_no_release_serves__fails_and_says_so(refreshing: Refreshing) -> None:
    world = refreshing.world
    empty = msgspec.structs.replace(world.document, intents={}, predictors={}, transforms={}, models={})
    with platform_scope():
        publish_document(tenant=world.tenant, document=text_of(empty), actor=None, reason="for tests")
    assert "no release serves card-payments" in refreshing.due().error


def test_refresh__of_two_routes__fits_each_on_its_own_events(refreshing: Refreshing) -> None:
    """All events are of channel shop, so that the other route has none, and nothing is proposed in halves."""
    world = refreshing.world
    rest = make_document(world.intent, make_transform(world.intent, make_predictor(make_model())))
    shop = document.Condition(CHANNEL.name, any_of=("shop",))
    routes = [each.intents[world.intent.name].routes[0] for each in (world.document, rest)]
    renamed = (document.Route("shop", routes[0].live, (shop,)), document.Route("rest", routes[1].live))
    parts = {
        part: getattr(world.document, part) | getattr(rest, part) for part in ("predictors", "transforms", "models")
    }
    both = msgspec.structs.replace(rest, intents={world.intent.name: intent_part(world.intent, *renamed)}, **parts)
    with platform_scope():
        publish_document(tenant=world.tenant, document=text_of(both), actor=None, reason="for tests")
    refresh = refreshing.due()
    with platform_scope():
        fits = list(Fit.objects.filter(refresh=refresh).order_by("pk"))
        assert Transform.objects.get(fit=fits[0]).report["source"]["routes"] == ["shop"]
    assert [fit.source["routes"] for fit in fits] == [["shop"], ["rest"]]
    assert (refresh.state, refresh.change_request) == ("failed", None)
    assert "there are no such events" in refresh.error
