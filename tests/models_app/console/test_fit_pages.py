"""Fits and transforms in the console: asked for with what they would give, watched, and judged."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.test import Client

from models_app import tasks
from models_app.statistics.references import BetaReference
from models_app.statistics.sample_size import passing_events
from models_app.transforms.fits import request_fit
from models_app.transforms.models import Fit
from models_app.transforms.samples import upload_sample
from scoring.engine import document
from scoring.services import publish_document
from tenants.models import Intent
from tenants.scope import platform_scope
from tests.documents import CHANNEL
from tests.factories import World, intent_part, make_reference, serve, text_of
from tests.recorded import NOON, record_events

Visit = Callable[..., Client]
THRESHOLDS = [{"name": "review", "score": 0.3, "action": "review"}, {"name": "decline", "score": 0.5}]


@pytest.fixture
def world(db: None) -> World:
    world = serve("acme")
    with platform_scope():
        Intent.objects.filter(pk=world.intent.pk).update(thresholds=THRESHOLDS)
        world.intent.refresh_from_db()
    return world


def sampled(world: World, values: Any) -> int:
    content = ContentFile(("p\n" + "\n".join(map(repr, np.asarray(values).tolist()))).encode(), "p.csv")
    with platform_scope():
        return upload_sample(actor=None, tenant=world.tenant, name="outputs", upload=content).pk


def fitted(world: World, values: Any, run: bool = True) -> Fit:
    with platform_scope():
        fit = request_fit(
            actor=None,
            tenant=world.tenant,
            intent=world.intent,
            predictor=world.predictor,
            reference=world.transform.reference,
            source={"kind": "sample", "sample": sampled(world, values)},
        )
    if run:
        tasks.run_work("fit", world.tenant.pk, fit.pk)
    return fit


def smooth(n: int = 5000) -> Any:
    return np.random.default_rng(3).beta(1, 20, n)


def text(client: Client, path: str, **query: Any) -> str:
    answer = client.get(f"/tenants/acme/{path}", query)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def form_of(world: World, **changes: Any) -> dict[str, Any]:
    shared = {"predictor": world.predictor.key, "reference": world.transform.reference.key}
    return {"intent": world.intent.name, **shared, "source": "sample", "days": "14", **changes}


def test_fit__that_succeeded__is_judged_on_top_with_figures_and_proposed(world: World, visit: Visit) -> None:
    fit = fitted(world, smooth())
    page = text(visit("analyst"), f"fits/{fit.pk}")
    for phrase in (
        "5,000",
        "with 95 %",
        "New change request",
        "Fit again",
        "Q-Q plot",
        "Margin of error by alert rate",
    ):
        assert phrase in page
    assert "Sample below recommended size" in page
    assert "It can be published with a reason." in page


def test_fit__with_many_events__is_a_good_one(world: World, visit: Visit) -> None:
    fit = fitted(world, smooth(60_000))
    page = text(visit("analyst"), f"fits/{fit.pk}")
    assert "Sample sufficient" in page
    assert "In-sample, on its own 60,000 events, the alert rate at ‘decline’ is known to ±" in page
    assert "Nothing was held out: an uploaded sample does not say when its events occurred." in page


def test_fit__of_recorded_days__leads_with_the_days_held_out(world: World, visit: Visit, tmp_path: Path) -> None:
    record_events(world, tmp_path / "segments", count=7_000, days=7)
    with platform_scope():
        fit = request_fit(
            actor=None, tenant=world.tenant, intent=world.intent, predictor=world.predictor,
            reference=world.transform.reference, source={"kind": "recorded", "days": 7, "as_of": NOON.isoformat()},
        )  # fmt: skip
    tasks.run_work("fit", world.tenant.pk, fit.pk)
    page = text(visit("analyst"), f"fits/{fit.pk}")
    held = page.index("when fitted on the first 5 days of the window and seen on the last 2 days.")
    assert held < page.index("Next week it is expected from") < page.index("In-sample, on its own 7,000 events")
    table = page[page.index("Alert rates at the thresholds") :]
    assert table.index("Held out") < table.index("Next week") < table.index("In-sample margin")


def test_fit__of_tied_events__names_the_rates_out_of_reach(world: World, visit: Visit) -> None:
    values = np.where(smooth() > 0.1, 0.25, 0.01)
    page = text(visit("analyst"), f"fits/{fitted(world, values).pk}")
    assert "Ties keep" in page
    assert "not reachable" in page
    assert "no monotone mapping can separate them" in page


def test_fit__at_work__shows_progress_and_can_be_cancelled(world: World, visit: Visit) -> None:
    fit, client = fitted(world, smooth(), run=False), visit("analyst")
    page = text(client, f"fits/{fit.pk}")
    assert "queued, 0 %" in page
    assert "every 2s" in page
    assert "In progress" in text(client, "fits")
    answer = client.post(f"/tenants/acme/fits/{fit.pk}", {"act": "cancel"})
    assert answer.status_code == 302
    assert "Fit cancelled" in text(client, f"fits/{fit.pk}")
    assert "In progress" not in text(client, "fits")


def test_fit__that_failed__says_why_and_leads_to_another(world: World, visit: Visit) -> None:
    with platform_scope():
        fit = request_fit(
            actor=None, tenant=world.tenant, intent=world.intent, predictor=world.predictor,
            reference=world.transform.reference, source={"kind": "recorded", "days": 2.0},
        )  # fmt: skip
    tasks.run_work("fit", world.tenant.pk, fit.pk)
    page = text(visit("analyst"), f"fits/{fit.pk}")
    assert "Fit failed" in page
    assert "choose another window" in page
    assert "new-fit?intent=card-payments" in page
    assert "days=2.0" in page
    assert "New change request" not in page


def test_fits__narrowed_and_sorted__show_what_is_asked_for(world: World, visit: Visit) -> None:
    done, waiting = fitted(world, smooth()), fitted(world, smooth(), run=False)
    client = visit("analyst")
    succeeded = text(client, "fits", state="succeeded", sort="-asked-for")
    rows = succeeded[succeeded.index('class="body') :]
    assert f"fits/{done.pk}" in rows
    assert f"fits/{waiting.pk}" not in rows
    assert "Nothing matches" in text(client, "fits", q="no such thing")


def test_new_fit__before_it_is_sent__tells_events_and_error(world: World, visit: Visit, tmp_path: Path) -> None:
    client, few, many = visit("analyst"), sampled(world, smooth(30)), sampled(world, smooth(60_000))
    assert "this fit would be refused" in text(client, "new-fit", **form_of(world, sample=few))
    page = text(client, "new-fit", **form_of(world, sample=many))
    assert "Sample sufficient" in page
    assert "60,000" in page
    # The rarer threshold's rate decides, by the tenant's own tolerance.
    assert "Events to pass its gates" in page
    assert f"{passing_events(float(BetaReference(2.0, 8.0).alert_rate(0.5)), 0.1):,}" in page
    record_events(world, tmp_path / "segments", count=300)
    assert "300" in text(client, "new-fit", **form_of(world, source="recorded", days="3000"))
    assert "Choose what to fit" in text(client, "new-fit", **form_of(world, days="x"))
    assert "there is no sample" in text(client, "new-fit", **form_of(world))


def test_new_fit__sent__leads_to_the_fit(world: World, visit: Visit) -> None:
    sent = form_of(world, sample=str(sampled(world, smooth())))
    answer = visit("analyst").post("/tenants/acme/new-fit", {"act": "fit", **sent})
    with platform_scope():
        assert answer["Location"] == f"/tenants/acme/fits/{Fit.objects.get().pk}"


def test_new_fit__with_too_many_days__says_so_at_the_field(world: World, visit: Visit) -> None:
    sent = form_of(world, source="recorded", days="1e6")
    answer = visit("analyst").post("/tenants/acme/new-fit", {"act": "fit", **sent})
    assert answer.status_code == 422
    assert "expected days above 0" in answer.content.decode()


def test_new_fit__of_a_threshold_beyond_the_reference__says_so_before_and_after_it_is_sent(
    world: World, visit: Visit
) -> None:
    client, sent = visit("analyst"), form_of(world, sample=sampled(world, smooth()))
    sent["reference"] = make_reference(2, 400).key
    message = "is beyond what beta(2, 400) resolves"
    assert message in text(client, "new-fit", **sent)
    answer = client.post("/tenants/acme/new-fit", {"act": "fit", **sent})
    assert answer.status_code == 422
    assert message in answer.content.decode()


def in_two_routes(world: World) -> None:
    """The intent is served by a route for web and one for the rest."""
    (route,) = world.document.intents[world.intent.name].routes
    web = document.Route("web", route.live, (document.Condition(CHANNEL.name, any_of=("web",)),))
    rest = document.Route("rest", route.live)
    intents = {world.intent.name: intent_part(world.intent, web, rest)}
    content = msgspec.structs.replace(world.document, intents=intents)
    with platform_scope():
        publish_document(tenant=world.tenant, document=text_of(content), actor=None, reason="for tests")


def test_new_fit__intent_of_one_route__has_no_routes_to_choose(world: World, visit: Visit) -> None:
    assert 'name="routes"' not in text(visit("analyst"), "new-fit")


def test_new_fit__intent_of_several_routes__counts_and_fits_the_events_of_the_chosen_one(
    world: World, visit: Visit, tmp_path: Path
) -> None:
    in_two_routes(world)
    record_events(world, tmp_path / "segments", count=300)  # all of channel shop
    client, source = visit("analyst"), {"source": "recorded", "days": "3000"}
    page = text(client, "new-fit", **form_of(world, **source))
    assert "web (card-payments: channel is web)" in page
    assert "300" in page
    assert "0 events: too few" in text(client, "new-fit", **form_of(world, **source, routes=["web"]))
    answer = client.post("/tenants/acme/new-fit", {"act": "fit", **form_of(world, **source, routes=["rest"])})
    with platform_scope():
        fit = Fit.objects.get()
    assert (fit.source["routes"], fit.source["release"]) == (["rest"], 2)
    page = text(client, answer["Location"].removeprefix("/tenants/acme/"))
    assert "for route ‘rest’" in page
    tasks.run_work("fit", world.tenant.pk, fit.pk)
    assert "routes=rest" in text(client, f"fits/{fit.pk}")  # for another one like it


def test_transform__of_a_cold_start__says_that_it_is_one(world: World, visit: Visit) -> None:
    page = text(visit("viewer", world.tenant), f"transforms/{world.transform.pk}")
    assert "A default transform" in page
    assert "New change request" not in page
    assert "/predictors/" not in page  # what is shared is for platform roles


def test_transforms__of_another_tenant__are_not_there(world: World, visit: Visit) -> None:
    other = serve("globex")
    client = visit("analyst", world.tenant)
    with platform_scope():
        fit = Fit.objects.create(
            tenant=other.tenant, intent=other.intent, predictor=other.predictor,
            reference=other.transform.reference, source={"kind": "recorded", "days": 1.0},
        )  # fmt: skip
    for path in (
        f"globex/fits/{fit.pk}",
        f"acme/fits/{fit.pk}",
        f"acme/transforms/{other.transform.pk}",
        "globex/new-fit",
    ):
        assert client.get(f"/tenants/{path}").status_code == 404
