"""Publishing a document, on the level of the data plane."""

from dataclasses import replace

import msgspec
import pytest
from django.core.exceptions import ValidationError

from scoring.engine import document as documents
from scoring.models import CurrentRelease, Release
from scoring.services import publish_document
from scoring.serving.listener import ChangeListener
from tenants.models import AuditEntry
from tenants.scope import platform_scope
from tests.factories import World, make_person, serve, text_of

pytestmark = pytest.mark.django_db


def test_publish_document__twice__numbers_grow_and_the_pointer_moves() -> None:
    world = serve()
    second = world.publish()
    with platform_scope():
        assert [second.release.number, world.release.number] == [2, 1]
        assert CurrentRelease.objects.get(tenant=world.tenant).release == second.release
        stored = Release.objects.get(pk=second.release.pk)
    assert documents.decode(stored.document) == second.document
    assert documents.digest(stored.document.encode()) == stored.digest


def test_publish_document__rollback__is_a_new_number_of_the_old_document_and_audited() -> None:
    world = serve()
    world.publish()
    person = make_person()
    with platform_scope():
        again = publish_document(
            tenant=world.tenant,
            document=world.release.document,
            actor=person,
            reason="too many",
            republishes=world.release,
        )
        entry = AuditEntry.objects.filter(tenant=world.tenant).first()
    assert (again.number, again.digest) == (3, world.release.digest)
    assert entry is not None
    assert (entry.person, entry.reason, entry.subject) == (person, "too many", "release 3")
    assert entry.details["republishes"] == 1


def test_publish_document__each_tenant__has_its_own_numbers() -> None:
    first, second = serve(), serve()
    assert first.release.number == second.release.number == 1


@pytest.mark.parametrize("change", [{"tenant": "somebody-else"}, {"predictors": {}}])
def test_publish_document__that_cannot_be_served__is_refused_and_nothing_is_stored(change: dict[str, object]) -> None:
    world = serve()
    wrong = msgspec.structs.replace(world.document, **change)
    with platform_scope():
        with pytest.raises(ValidationError):
            publish_document(tenant=world.tenant, document=text_of(wrong), actor=None, reason="tests")
        assert Release.objects.filter(tenant=world.tenant).count() == 1


@pytest.mark.django_db(transaction=True)
def test_publish_document__on_commit__is_announced() -> None:
    listener = ChangeListener()
    listener.wait(0.05)
    world = serve()
    assert listener.wait(5.0)
    listener.close()
    assert isinstance(replace(world), World)
