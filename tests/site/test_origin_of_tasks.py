"""What a task writes says so, and for whom: from a request, over the broker, into a worker."""

import time
from collections.abc import Iterator

import pytest
from celery.contrib.testing.worker import start_worker

from models_app.work.dispatch import send
from muse_site.celery import app
from tenants.models import AuditEntry, Tenant
from tenants.origin import Origin, writing
from tenants.scope import platform_scope
from tenants.services import change_tenant
from tests.factories import make_person, make_tenant

pytestmark = pytest.mark.django_db(transaction=True)


def rename_tenant(pk: int) -> None:
    with platform_scope():
        change_tenant(tenant=Tenant.objects.get(pk=pk), changes={"name": "Renamed"}, actor=None)


@pytest.fixture
def worker() -> Iterator[None]:
    """A worker that knows one task more, while the test runs: other tests look at which the product has."""
    task = app.task(name="models_app.tasks.rename_tenant")(rename_tenant)
    with start_worker(app, pool="solo", perform_ping_check=False):
        yield
    app.tasks.unregister(task.name)


def test_task__asked_for_by_a_request__writes_history_for_it(worker: None) -> None:
    tenant, person = make_tenant(), make_person()
    origin = Origin(what="POST /somewhere", person=person.pk, address="192.0.2.7")
    with writing(origin):
        send("rename_tenant", tenant.pk)
    entry = _written()
    assert (entry.person, entry.request, entry.address) == (None, "task models_app.tasks.rename_tenant", "192.0.2.7")
    with platform_scope():
        row = Tenant.pgh_event_model.objects.get(pgh_context_id=entry.origin)
    assert (row.pgh_label, row.name) == ("update", "Renamed")
    who = {"person": person.pk, "address": "192.0.2.7"}
    assert row.pgh_context == {"what": entry.request, **who, "request_id": str(origin.id)}


def _written() -> AuditEntry:
    for _ in range(600):
        with platform_scope():
            if entry := AuditEntry.objects.first():
                return entry
        time.sleep(0.05)
    raise AssertionError("the worker has written nothing")
