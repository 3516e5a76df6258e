"""People of several roles with clients of the control plane's API, and a storage and a lake of each test's own."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

from models_app import tasks
from models_app.catalog.models import ModelCheck, ModelVersion
from tenants.models import Person, Tenant
from tenants.scope import platform_scope
from tenants.services import create_personal_token
from tests.factories import make_person, make_tenant


class Api:
    """The control plane as one person may use it; paths are below /api/v1/."""

    def __init__(self, person: Person) -> None:
        self.person = person
        with platform_scope():
            _, text = create_personal_token(person=person, name="tests", actor=person)
        self._client = Client(headers={"authorization": f"Bearer {text}"}, raise_request_exception=True)

    def get(self, path: str, **query: object) -> HttpResponse:
        return self._client.get(f"/api/v1/{path}", query_params=query)

    def post(self, path: str, body: Any = None) -> HttpResponse:
        return self._client.post(f"/api/v1/{path}", json.dumps(body or {}), content_type="application/json")

    def upload(self, path: str, **form: Any) -> HttpResponse:
        return self._client.post(f"/api/v1/{path}", form)


@pytest.fixture(autouse=True)
def _places(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.LAKE = str(tmp_path / "lake")
    settings.SERVING_CACHE_DIR = tmp_path / "serving"


@pytest.fixture
def api(db: None) -> Callable[..., Api]:
    """`api("admin")`: somebody with the role for the whole platform, `api("viewer", tenant)` for one tenant."""
    return lambda role=None, tenant=None: Api(make_person(role=role, tenant=tenant))


@pytest.fixture
def admin(api: Callable[..., Api]) -> Api:
    return api("admin")


@pytest.fixture
def tenant(db: None) -> Tenant:
    return make_tenant()


def stored(folder: Path | str) -> list[str]:
    """All files below a folder."""
    return sorted(str(path.relative_to(folder)) for path in Path(folder).rglob("*") if path.is_file())


def fields(response: HttpResponse) -> list[str]:
    """The fields that a 422 names."""
    assert response.status_code == 422, response.content
    return [error["field"] for error in response.json()["errors"]]


def run_check(model: ModelVersion) -> None:
    """Check a registered model, as a worker does."""
    tasks.run_work(*ModelCheck.objects.get(model=model).arguments)
