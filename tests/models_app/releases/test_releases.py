"""Publishing, previewing, rolling back and comparing releases."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from django.db import connection

from models_app.catalog.models import ModelVersion
from models_app.releases.publish import publish_release, read_all_routes
from models_app.transforms.models import Transform
from scoring.engine import document as documents
from scoring.models import CurrentRelease, Release
from tenants.models import AuditEntry, Intent, Tenant
from tenants.scope import platform_scope, tenant_scope
from tests.documents import MAPPING_Y
from tests.factories import (
    World,
    make_intent,
    make_model,
    make_predictor,
    make_tenant,
    make_transform,
    serve,
)
from tests.models_app.conftest import Api, fields


@pytest.fixture
def world(db: None) -> World:
    return serve()


def target(transform: Transform) -> dict[str, Any]:
    return {"predictor": transform.predictor.key, "transform": transform.pk}


def route(transform: Transform, **changes: Any) -> dict[str, Any]:
    return {"name": "all", "live": target(transform), **changes}


def other_transform(world: World) -> Transform:
    return make_transform(world.intent, world.predictor, y=(0.0, 0.1, 0.2, 0.3, 1.0))


def publish(admin: Api, world: World, routes: Any, **changes: Any) -> Any:
    sent = {"reason": "a better model", "routes": routes, **changes}
    return admin.post(f"tenants/{world.tenant.slug}/releases", sent)


def served(tenant: Tenant) -> documents.ReleaseDocument:
    with platform_scope():
        return documents.decode(CurrentRelease.objects.get(tenant=tenant).release.document)


def test_publish__named_intent__takes_its_row_and_leaves_others_as_they_are(admin: Api, world: World) -> None:
    other = make_intent(world.tenant, "transfers")
    transform = make_transform(other, world.predictor)
    assert publish(admin, world, {"transfers": [route(transform)]}).status_code == 201
    with platform_scope():
        Intent.objects.filter(tenant=world.tenant).update(thresholds=[{"name": "decline", "score": 0.95}])
    before = served(world.tenant)
    live = other_transform(world)
    response = publish(admin, world, {"card-payments": [route(live, shadows=[target(world.transform)])]})
    assert response.status_code == 201, response.content
    assert (response.json()["number"], response.json()["is_current"]) == (3, True)
    after = served(world.tenant)
    assert after.intents["transfers"] == before.intents["transfers"]
    assert [each.name for each in after.intents["transfers"].thresholds] == ["review"]
    assert [each.name for each in after.intents["card-payments"].thresholds] == ["decline"]
    assert after.intents["card-payments"].routes[0].shadows == (
        documents.Target(world.predictor.key, world.transform.pk),
    )
    assert set(after.transforms) == {str(live.pk), str(world.transform.pk), str(transform.pk)}
    assert after.transforms[str(world.transform.pk)].y == MAPPING_Y


def test_publish__left_out__ends_up_without_what_nobody_uses(admin: Api, world: World) -> None:
    model = make_model("unused", weights=[0.5, 0.5])
    unused = make_transform(world.intent, make_predictor(model))
    publish(admin, world, {"card-payments": [route(world.transform, shadows=[target(unused)])]})
    assert model.key in served(world.tenant).models
    publish(admin, world, {"card-payments": [route(other_transform(world))]})
    document = served(world.tenant)
    assert set(document.models) == {world.model.key}
    assert set(document.predictors) == {world.predictor.key}
    assert len(document.transforms) == 1


def test_publish__no_routes__takes_the_intent_out_of_service(admin: Api, world: World) -> None:
    transform = make_transform(make_intent(world.tenant, "transfers"), world.predictor)
    publish(admin, world, {"transfers": [route(transform)]})
    assert publish(admin, world, {"card-payments": []}).status_code == 201
    assert set(served(world.tenant).intents) == {"transfers"}
    assert fields(publish(admin, world, {"card-payments": []})) == ["routes.card-payments"]


def bad_routes(world: World) -> dict[str, tuple[Any, str]]:
    """What is wrong → routes and the field that the answer names."""
    mine, elsewhere = world.transform, serve().transform
    with platform_scope():
        transfers = make_intent(world.tenant, "transfers")
        renamed = [{**each, "type": "number"} for each in world.intent.features]
        typed = make_intent(world.tenant, "typed", features=())
        Intent.objects.filter(pk=typed.pk).update(features=renamed)
        typed.refresh_from_db()
        nullable = make_intent(world.tenant, "nullable", features=())
        Intent.objects.filter(pk=nullable.pk).update(features=[{**each, "nullable": True} for each in renamed])
        nullable.refresh_from_db()
        broken = make_model("broken")
        of_broken = make_transform(world.intent, make_predictor(broken))
        ModelVersion.objects.filter(pk=broken.pk).update(state="unusable", reason="too slow")
    own = make_transform(transfers, world.predictor)
    when = [{"attribute": "country", "any_of": ["de"]}]
    place = "routes.card-payments[0]"
    return {
        "nothing": ({}, "routes"),
        "no object": ([], "routes"),
        "unknown intent": ({"loans": [route(mine)]}, "routes.loans"),
        "no list": ({"card-payments": {"name": "all"}}, "routes.card-payments"),
        "no target": ({"card-payments": [{"name": "all"}]}, f"{place}.live"),
        "no number": ({"card-payments": [{"name": "a", "live": {"predictor": "x", "transform": "7"}}]},
                      f"{place}.live.transform"),
        "typing error": ({"card-payments": [route(mine, shadow=[])]}, f"{place}.shadow"),
        "no name": ({"card-payments": [route(mine, name="")]}, f"{place}.name"),
        "name twice": ({"card-payments": [route(mine), route(mine)]}, "routes.card-payments[1].name"),
        "no predictor": ({"card-payments": [route(mine, live={"predictor": "no@1", "transform": mine.pk})]},
                         f"{place}.live.predictor"),
        "no transform": ({"card-payments": [route(mine, live={**target(mine), "transform": 2**70})]},
                         f"{place}.live.transform"),
        "transform of another tenant": ({"card-payments": [route(elsewhere)]}, f"{place}.live.transform"),
        "transform of another intent": ({"card-payments": [route(own)]}, f"{place}.live.transform"),
        "transform of another predictor": ({"card-payments": [route(mine, shadows=[
            {"predictor": elsewhere.predictor.key, "transform": mine.pk}])]}, f"{place}.shadows[0].transform"),
        "unusable model": ({"card-payments": [route(of_broken)]}, f"{place}.live.predictor"),
        "other type": ({"typed": [route(make_transform(typed, world.predictor))]}, "routes.typed[0].live.predictor"),
        "null": ({"nullable": [route(make_transform(nullable, make_predictor(make_model("n", ("amount",)))))]},
                 "routes.nullable[0].live.predictor"),
        "unknown attribute": ({"card-payments": [route(mine, name="de", when=when), route(mine)]},
                              "intents.card-payments.routes.de"),
        "no last route": ({"card-payments": [route(mine, when=[{"attribute": "channel"}])]},
                          "intents.card-payments.routes"),
    }  # fmt: skip


def test_publish__bad_routes__name_the_place_and_publish_nothing(admin: Api, world: World) -> None:
    for what, (routes, field) in bad_routes(world).items():
        assert fields(publish(admin, world, routes)) == [field], what
    with platform_scope():
        assert Release.objects.filter(tenant=world.tenant).count() == 1


def test_publish__nothing_changes__is_409(admin: Api, world: World) -> None:
    assert publish(admin, world, {"card-payments": [route(world.transform)]}).status_code in (201, 409)
    assert publish(admin, world, {"card-payments": [route(world.transform)]}).status_code == 409


@pytest.mark.parametrize("reason", [None, "", "   "])
def test_publish__without_a_reason__is_422(admin: Api, world: World, reason: str | None) -> None:
    sent = {"routes": {"card-payments": [route(other_transform(world))]}, "reason": reason}
    assert fields(admin.post(f"tenants/{world.tenant.slug}/releases", sent)) == ["reason"]


def test_publish__by_an_admin_of_the_tenant__is_403(api: Callable[..., Api], world: World) -> None:
    mine = api("admin", world.tenant)
    assert publish(mine, world, {"card-payments": [route(other_transform(world))]}).status_code == 403
    assert mine.get(f"tenants/{world.tenant.slug}/releases").status_code == 200


def test_publish__based_on_another_release__is_409(admin: Api, world: World) -> None:
    routes = {"card-payments": [route(other_transform(world))]}
    response = publish(admin, world, routes, based_on=0)
    assert response.status_code == 409
    assert "release 1 is live" in response.json()["detail"]
    assert publish(admin, world, routes, based_on=1).status_code == 201


def test_publish__dry_run__answers_with_the_changes_and_publishes_nothing(admin: Api, world: World) -> None:
    live = other_transform(world)
    response = publish(admin, world, {"card-payments": [route(live)]}, dry_run=True)
    assert response.status_code == 200, response.content
    assert response.json()["based_on"] == 1
    changes = {each["path"]: (each["before"], each["after"]) for each in response.json()["changes"]}
    assert changes["intents.card-payments.routes.all.live.transform"] == (world.transform.pk, live.pk)
    assert changes[f"transforms.{world.transform.pk}"][1] is None
    assert changes[f"transforms.{live.pk}"][1]["knots"].startswith("5 knots, digest ")
    with platform_scope():
        assert Release.objects.filter(tenant=world.tenant).count() == 1


def test_publish__first_release_of_a_tenant__starts_at_one(admin: Api) -> None:
    tenant = make_tenant()
    intent = make_intent(tenant)
    transform = make_transform(intent, make_predictor(make_model()))
    response = admin.post(
        f"tenants/{tenant.slug}/releases",
        {"reason": "start", "routes": {intent.name: [route(transform)]}, "based_on": 0},
    )
    assert (response.status_code, response.json()["number"]) == (201, 1)


def test_publish__any__is_in_the_audit_trail_with_its_reason(admin: Api, world: World) -> None:
    publish(admin, world, {"card-payments": [route(other_transform(world))]})
    with platform_scope():
        entry = AuditEntry.objects.filter(tenant=world.tenant, act="publish").first()
    assert (entry.person, entry.reason, entry.subject) == (admin.person, "a better model", "release 2")


def test_rollback__earlier_release__is_served_again_under_a_new_number(admin: Api, world: World) -> None:
    publish(admin, world, {"card-payments": [route(other_transform(world))]})
    path = f"tenants/{world.tenant.slug}/releases"
    response = admin.post(f"{path}/rollback", {"number": 1, "reason": "too many alerts", "break_glass": True})
    assert response.status_code == 201, response.content
    assert (response.json()["number"], response.json()["republishes"]) == (3, 1)
    first, third = admin.get(f"{path}/1").json(), admin.get(f"{path}/3").json()
    assert first["document"] == third["document"]
    assert first["digest"] == third["digest"]
    assert [each["is_current"] for each in admin.get(path).json()["results"]] == [True, False, False]
    assert admin.post(f"{path}/rollback", {"number": 1, "reason": "again", "break_glass": True}).status_code == 409
    assert admin.post(f"{path}/rollback", {"number": 9, "reason": "again", "break_glass": True}).status_code == 404
    assert fields(admin.post(f"{path}/rollback", {"number": 2})) == ["reason"]


def test_diff__two_releases__lists_what_changed(admin: Api, world: World) -> None:
    live = other_transform(world)
    publish(admin, world, {"card-payments": [route(live, name="every")]})
    changes = admin.get(f"tenants/{world.tenant.slug}/releases/1/diff/2").json()["changes"]
    paths = [each["path"] for each in changes]
    assert paths == sorted(paths)
    assert "intents.card-payments.routes.all" in paths
    assert "intents.card-payments.routes.every" in paths
    assert admin.get(f"tenants/{world.tenant.slug}/releases/2/diff/2").json()["changes"] == []
    assert admin.get(f"tenants/{world.tenant.slug}/releases/2/diff/7").status_code == 404


def test_export__release__is_its_document_as_yaml(admin: Api, world: World) -> None:
    response = admin.get(f"tenants/{world.tenant.slug}/releases/1/export")
    assert response["Content-Type"] == "application/yaml"
    document = admin.get(f"tenants/{world.tenant.slug}/releases/1").json()["document"]
    assert yaml.safe_load(response.content) == document


@pytest.mark.django_db(transaction=True)
def test_publish__two_at_once__both_intents_are_served() -> None:
    world = serve()
    first, second = (make_transform(make_intent(world.tenant, name), world.predictor) for name in ("a", "b"))

    def publish_one(name: str, transform: Transform) -> None:
        routes = read_all_routes({name: [route(transform)]})
        with tenant_scope(world.tenant.pk):
            publish_release(actor=None, tenant=world.tenant, routes=routes, reason="at once")
        connection.close()

    threads = [threading.Thread(target=publish_one, args=each) for each in (("a", first), ("b", second))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {"a", "b", "card-payments"} == set(served(world.tenant).intents)
