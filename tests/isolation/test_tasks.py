"""The wall between tenants, in what workers are sent: another tenant's row under our name is nobody's."""

import inspect
from typing import Any

import pytest
from celery import current_app
from django.utils import timezone

from models_app.changes.evidence.models import Evidence
from models_app.changes.models import ChangeRequest
from models_app.monitors.models import Look
from models_app.tasks import EARLIER
from models_app.transforms.models import Fit, FitPart
from models_app.work import workers
from models_app.work.models import LongWork
from tenants.scope import platform_scope
from tests.factories import add_evidence
from tests.isolation.standing import behind_each
from tests.isolation.wall import Wall

# Tasks of the product that take arguments, and what those may name. Others go over all tenants, each in its own scope.
NAMED = {f"models_app.tasks.{name}" for name in ("run_work", "deliver", "send_password_link", "send_recovery_link")}
PACKAGES = ("models_app", "scoring", "tenants", "muse_site")
UNDONE = {"verdict": "", "digest": ""}  # of evidence that waits


def _tasks() -> dict[str, Any]:
    current_app.loader.import_default_modules()
    return {name: task for name, task in current_app.tasks.items() if name.split(".")[0] in PACKAGES}


KINDS = [kind for kind, model in LongWork.kinds().items() if "tenant" in {field.name for field in model._meta.fields}]


def test_tasks__that_take_arguments__are_those_that_are_known() -> None:
    found = {name for name, task in _tasks().items() if inspect.signature(task.run).parameters}
    earlier = {f"models_app.tasks.{name}" for name in EARLIER}  # which take what was sent once, and look at none of it
    assert found - NAMED - earlier == set(), "say in NAMED what it may name, and try it here from another tenant's side"


@pytest.mark.parametrize("kind", KINDS)
def test_work__of_another_tenants_row__is_nobodys_and_is_left_alone(wall: Wall, kind: str) -> None:
    model = LongWork.kinds()[kind]
    with platform_scope():
        add_evidence(ChangeRequest.objects.get(tenant=wall.theirs.tenant))
        Look.objects.create(tenant=wall.theirs.tenant, intent=wall.theirs.intent, until=timezone.now())
        fit, now = Fit.objects.filter(tenant=wall.theirs.tenant)[:1].get(), timezone.now()
        FitPart.objects.create(tenant=wall.theirs.tenant, fit=fit, start=now, end=now)
        rows = model._default_manager.filter(tenant=wall.theirs.tenant)
        assert rows.update(state=model.State.QUEUED, **(UNDONE if model is Evidence else {})) > 0
        before = list(rows.values())
    for row in before:
        behind_each(lambda key=row["id"]: workers.run_work(kind, wall.ours.tenant.pk, key))
    with platform_scope():
        assert list(rows.values()) == before
