"""The console's pages of monitors and incidents."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from models_app.incidents.models import Incident
from models_app.monitors.order import SETTLED, order_looks
from models_app.monitors.run import run_look
from tenants.scope import platform_scope
from tests.factories import World, serve
from tests.models_app.monitors.worlds import UNTIL, count
from tests.models_app.statistics.monitors.test_deciding import nulls
from tests.watching import make_incident, make_monitor

Visit = Callable[..., Client]


def text(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def test_monitoring__before_any_look__says_when_the_first_one_is(world: World, visit: Visit) -> None:
    assert "Nothing was looked at yet" in text(visit("viewer"), "/monitoring")


def test_monitoring__way_to_all_incidents__is_not_its_first_button(world: World, visit: Visit) -> None:
    page = visit("analyst", world.tenant).get("/monitoring").content.decode()
    assert '<a class="button" href="/monitoring/incidents">' in page


def test_monitoring__of_several_intents__has_those_with_incidents_first(world: World, visit: Visit) -> None:
    other = serve("globex")
    make_monitor(world.intent, a_year=1e-9)
    make_monitor(other.intent, a_year=5.0)
    make_incident(other.intent)
    page = text(visit("viewer"), "/monitoring")
    table = page[page.index("Intents, the most unusual first") :]
    assert table.index("globex") < table.index("acme")
    assert "Feature “amount”: values are missing for all events" in page
    assert "less than once in 10,000 years" in page


def test_monitoring__of_what_comes_about_every_day__does_not_dress_it_up_as_unusual(world: World, visit: Visit) -> None:
    make_monitor(world.intent, a_year=4e304, signals=[{"of": "copies", "ratio": 0.05, "since": 0, "how": None}])
    page = text(visit("viewer"), "/monitoring")
    assert "every day" in page
    assert "e+304" not in page
    assert "1970" not in page


def test_monitoring__acknowledged_at_once__says_so_of_all_that_a_person_may(world: World, visit: Visit) -> None:
    other = serve("globex")
    mine, theirs = make_incident(world.intent), make_incident(other.intent)
    visit("analyst", world.tenant).post("/monitoring", {"act": "acknowledge", "note": "We look at it."})
    with platform_scope():
        mine.refresh_from_db()
        theirs.refresh_from_db()
    assert (mine.state, mine.note) == (Incident.State.ACKNOWLEDGED, "We look at it.")
    assert theirs.state == Incident.State.OPEN
    assert visit("viewer", world.tenant).post("/monitoring", {"act": "acknowledge"}).status_code == 302
    with platform_scope():
        theirs.refresh_from_db()
    assert theirs.state == Incident.State.OPEN


def test_monitoring__several_chosen_and_acknowledged__says_so_of_them_alone_and_keeps_the_filter(
    world: World, visit: Visit
) -> None:
    other = serve("globex")
    chosen = [make_incident(world.intent), make_incident(other.intent, kind="risk")]
    left = make_incident(world.intent, kind="scale")
    client, sent = visit("analyst"), {"act": "handle", "rows": [each.pk for each in chosen], "note": "We look."}
    answer = client.post("/monitoring?q=a", sent)
    assert (answer.status_code, answer["location"]) == (302, "/monitoring?q=a")
    assert "2 incidents acknowledged." in text(client, "/monitoring?q=a")
    assert states(*chosen, left) == ["acknowledged", "acknowledged", "open"]
    again = client.post("/monitoring", sent)
    assert again.status_code == 302
    assert "0 incidents acknowledged. 2 left as found" in text(client, "/monitoring")


def test_incidents__several_chosen_and_closed__take_a_note(world: World, visit: Visit) -> None:
    first, second = make_incident(world.intent), make_incident(world.intent, kind="scale")
    client, sent = visit("analyst", world.tenant), {"act": "handle", "rows": [first.pk], "then": "close"}
    page = client.post("/monitoring/incidents?state=open", sent)
    assert page.status_code == 422
    assert "Say what it was" in page.content.decode()
    box = page.content.decode().split(f'value="{first.pk}"')[1].split(">")[0]
    assert "checked" in box
    assert client.post("/monitoring/incidents?state=open", sent | {"note": "Repaired."}).status_code == 302
    assert states(first, second) == ["closed", "open"]


def test_monitoring__nothing_chosen_or_no_number__is_refused_in_words(world: World, visit: Visit) -> None:
    make_incident(world.intent)
    client = visit("analyst", world.tenant)
    for rows in ([], ["x"], ["9" * 40]):
        page = client.post("/monitoring", {"act": "handle", "rows": rows})
        assert page.status_code == 422
        assert "No incident is chosen" in page.content.decode()


def test_monitoring__others_incidents_or_a_viewers__cannot_be_chosen(world: World, visit: Visit) -> None:
    mine, theirs = make_incident(world.intent), make_incident(serve("globex").intent)
    for client in (visit("viewer", world.tenant), visit("analyst", world.tenant)):
        client.post("/monitoring", {"act": "handle", "rows": [theirs.pk]})
    viewer = visit("viewer", world.tenant)
    assert viewer.post("/monitoring", {"act": "handle", "rows": [mine.pk]}).status_code == 403
    assert 'type="checkbox"' not in text(viewer, "/monitoring")
    assert states(mine, theirs) == ["open", "open"]


def test_monitoring__of_several_incidents__has_the_worst_first(world: World, visit: Visit) -> None:
    make_incident(world.intent, kind="scale", a_year=0.5)
    make_incident(world.intent, kind="risk", a_year=1e-9)
    make_incident(world.intent, a_year=1e-12, state="acknowledged")
    page = text(visit("viewer"), "/monitoring")
    assert page.index("Possible attack") < page.index("Scores shifted") < page.index("Data fault")
    assert "Possible attack" not in text(visit("viewer"), "/monitoring?q=globex")


def states(*incidents: Incident) -> list[str]:
    with platform_scope():
        for each in incidents:
            each.refresh_from_db()
    return [each.state for each in incidents]


def test_incidents__that_are_over__are_listed_and_found_by_state(world: World, visit: Visit) -> None:
    make_incident(world.intent, state="closed", closed_at=UNTIL, note="It was repaired.")
    make_incident(world.intent, kind="risk", subject="decline")
    client = visit("viewer")
    assert "Data fault" in text(client, "/monitoring/incidents?state=closed")
    assert "Possible attack" not in text(client, "/monitoring/incidents?state=closed")


def test_incident__that_a_look_has_found__shows_what_moved_and_what_to_do(world: World, visit: Visit) -> None:
    count(world, UNTIL - timedelta(days=15), 15 * 24)
    count(world, UNTIL, 2, nulls)
    for hours in (0, 2):
        order_looks(now=UNTIL + timedelta(hours=hours) + SETTLED)
        with platform_scope():
            (look,) = world.intent.looks.filter(state="queued")
        run_look(world.tenant.pk, look.pk)
    with platform_scope():
        incident = Incident.objects.get()
    page = text(visit("analyst"), f"/tenants/acme/incidents/{incident.pk}")
    assert "Feature “amount”: values are missing for all events since 2026-11-29 00:00 UTC." in page
    assert "have the feature repaired where it comes from" in page
    assert "Distribution of “amount”" in page
    assert "Alert rates of 24 hours" in page


@pytest.mark.parametrize(("kind", "leads_to"), [("scale", "Fit a transform"), ("client changed", "New change request")])
def test_incident__that_is_closed__has_no_next_step(world: World, visit: Visit, kind: str, leads_to: str) -> None:
    still = make_incident(world.intent, kind=kind, subject="still")
    over = make_incident(world.intent, kind=kind, subject="over", state="closed", closed_at=UNTIL, note="It was.")
    client = visit("analyst", world.tenant)
    told = [text(client, f"/tenants/acme/incidents/{each.pk}") for each in (still, over)]
    assert [("Next step" in page, leads_to in page, "Find its events" in page) for page in told] == [
        (True, True, False),
        (False, False, True),
    ]


def test_incident__closed_by_an_analyst__keeps_what_it_was(world: World, visit: Visit) -> None:
    incident = make_incident(world.intent)
    url = f"/tenants/acme/incidents/{incident.pk}"
    analyst = visit("analyst", world.tenant)
    assert analyst.post(url, {"act": "close", "note": " "}).status_code == 422
    assert analyst.post(url, {"act": "close", "note": "Repaired.", "is_usual": "on"}).status_code == 302
    with platform_scope():
        incident.refresh_from_db()
    assert (incident.state, incident.note, incident.is_usual) == (Incident.State.CLOSED, "Repaired.", True)
    answer = analyst.post(url, {"act": "close", "note": "Again."})
    assert answer.status_code in (302, 409)


@pytest.mark.parametrize("act", ["acknowledge", "close"])
def test_incident__acted_on_by_a_viewer__stays_as_it_is(world: World, visit: Visit, act: str) -> None:
    incident = make_incident(world.intent)
    answer = visit("viewer", world.tenant).post(f"/tenants/acme/incidents/{incident.pk}", {"act": act, "note": "Mine."})
    assert answer.status_code == 403
    with platform_scope():
        incident.refresh_from_db()
    assert incident.state == Incident.State.OPEN


def test_incident__that_goes_on__has_one_first_button_and_tells_nothing_that_is_not_known(
    world: World, visit: Visit
) -> None:
    incident = make_incident(world.intent)
    client, page = visit("analyst"), f"/tenants/acme/incidents/{incident.pk}"
    shown = text(client, page)
    assert "button prominent" not in shown, "Acknowledge is the first one"
    for each in ("Acknowledged by", "Closed", "Closed by", "Accepted as usual", "Note"):
        assert f"<dt>{each}</dt>" not in shown
    client.post(page, {"act": "acknowledge", "note": "We look at it."})
    shown = text(client, page)
    assert shown.count("button prominent") == 1
    assert "<dt>Acknowledged by</dt>" in shown
    assert "<dt>Note</dt>" in shown


def test_incident__that_is_not_confirmed_among_all__does_not_say_that_it_is_chance(world: World, visit: Visit) -> None:
    make_incident(world.intent, a_year=1e-9)
    page = text(visit("viewer"), "/monitoring")
    assert "not confirmed" in page
    assert "may be chance" not in page
