"""The console's plain record pages: opened by whom they are for, changed by nobody, with few queries."""

from pathlib import Path
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from models_app.changes.models import ChangeRequest
from models_app.transforms.models import Fit
from scoring.models import ServingProcess
from tenants.admin.base import SharedRecords
from tenants.models import Person
from tenants.roles import Role
from tenants.scope import platform_scope
from tests.factories import World, add_evidence, make_change, make_person, serve

MOST = 25
PAGES = sorted(admin.site._registry, key=lambda model: model._meta.label)
WITH_ROWS = [model for model in PAGES if model not in (Fit, ServingProcess)]  # these are made by other processes


@pytest.fixture
def world(db: None, settings: Settings, tmp_path: Path) -> World:
    settings.MEDIA_ROOT = tmp_path
    world = serve()
    add_evidence(make_change(world))
    return world


def logged_in(person: Person) -> Client:
    client = Client()
    client.force_login(person, "django.contrib.auth.backends.ModelBackend")
    return client


def address(model: Any, page: str = "changelist", *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def test_pages__registered__are_all_ours() -> None:
    assert {model._meta.app_label for model in PAGES} == {"tenants", "scoring", "models_app"}


def test_home__of_somebody_with_a_role__lists_what_they_may_see(world: World) -> None:
    page = logged_in(make_person(role=Role.VIEWER, tenant=world.tenant)).get("/admin/").content.decode()
    assert "have permission to view" not in page
    assert address(ChangeRequest) in page
    assert "modelversion" not in page


@pytest.mark.parametrize("model", PAGES, ids=lambda model: model._meta.label)
def test_list__of_the_platforms_admin__opens_and_takes_no_more_queries_for_more_rows(world: World, model: Any) -> None:
    client, counts = logged_in(make_person(role=Role.ADMIN)), []
    client.get("/admin/")
    for _ in range(2):
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address(model)).status_code == 200
        counts.append(len(captured))
        for _ in range(2):
            add_evidence(make_change(serve()))
    assert counts[0] == counts[1] <= MOST


@pytest.mark.parametrize("model", WITH_ROWS, ids=lambda model: model._meta.label)
def test_record__opened_by_the_platforms_admin__is_shown_and_not_changed(world: World, model: Any) -> None:
    client = logged_in(make_person(role=Role.ADMIN))
    with platform_scope():
        row = model._default_manager.first()
    assert row is not None
    assert client.get(address(model, "change", row.pk)).status_code == 200
    assert client.post(address(model, "change", row.pk), {"name": "x"}).status_code == 403
    assert client.post(address(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    assert client.get(address(model, "add")).status_code == 403


@pytest.mark.parametrize("model", PAGES, ids=lambda model: model._meta.label)
def test_list__of_a_tenants_viewer__opens_unless_it_is_shared(world: World, model: Any) -> None:
    answer = logged_in(make_person(role=Role.VIEWER, tenant=world.tenant)).get(address(model))
    shared = isinstance(admin.site._registry[model], SharedRecords)
    assert answer.status_code == (403 if shared else 200)
