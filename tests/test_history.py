"""History: which tables it is kept of, what it holds, and that nobody rewrites it."""

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from models_app.catalog.models import ModelVersion
from scoring.models import CurrentRelease
from tenants.models import ApiKey, History, Intent, Membership, Person, Tenant
from tenants.origin import Origin, writing
from tenants.roles import Role
from tenants.scope import platform_scope, tenant_scope
from tenants.services import add_member, change_tenant, remove_member
from tests.factories import add_evidence, make_api_key, make_change, make_intent, make_person, make_tenant, serve

pytestmark = pytest.mark.django_db

# Tables without a history, and why that is right. A new one belongs here with its reason, or gets @keep_history.
WITHOUT = {
    "tenants.AuditEntry": "rows are only ever added: it is a history itself",
    "scoring.ConsumerLane": "what a machine says of itself; decides nothing",
    "scoring.QuarantinedTable": "what a machine says of itself; decides nothing",
    "scoring.StatisticsCursor": "how far counting is; decides nothing",
    "scoring.DayStatistics": "counted from events; decides nothing",
    "scoring.HourProfile": "counted from events; decides nothing",
    "scoring.HourStatistics": "counted from events; decides nothing",
    "scoring.KeyDay": "counted from requests; quotas of a day are held by it, and end with the day",
    "scoring.MinuteStatistics": "counted from events; decides nothing",
    "scoring.RefusedRequests": "counted from requests; decides nothing",
    "scoring.ServingProcess": "what a process says of itself; decides nothing",
    "models_app.Sample": "read by fits, never served; the transform that comes of it is kept",
    "models_app.ModelCheck": "long work; what it found is kept of the model version",
    "models_app.Fit": "long work; the transform that comes of it is kept",
    "models_app.Monitor": "counted from events; incidents, which come of it, are kept",
    "models_app.Look": "long work, of which there is one an hour; incidents, which come of it, are kept",
    "models_app.FitPart": "long work; the transform that comes of it is kept",
    "models_app.Refresh": "long work; the change request that comes of it is kept",
    "models_app.Trial": "long work; the change request that comes of it is kept",
    "models_app.Replacement": "one act for many tenants; the change requests that come of it are kept",
    "models_app.Webhook": "says who is told; decides nothing",
    "models_app.Notification": "what was told; decides nothing",
    "models_app.Delivery": "how it was told; decides nothing",
    "models_app.TrackRecord": "told by evidence and counted from events, which are kept; decides nothing",
    "models_app.DecisionChange": "told by evidence and written once with it; decides nothing",
    "models_app.PolicyChange": "what is asked for never changes, and is decided once: it is a history itself",
    "models_app.ReplacementLine": "long work; the change request that comes of it is kept",
}
OURS = ("tenants", "scoring", "models_app")
HISTORIES = [model for model in apps.get_models() if issubclass(model, History)]
NAMES = [model._meta.db_table for model in HISTORIES]


def test_tables__all_of_ours__have_a_history_or_a_reason() -> None:
    tracked = {model.pgh_tracked_model._meta.label for model in HISTORIES}
    models = {each._meta.label for each in apps.get_models() if each._meta.app_label in OURS}
    models -= {model._meta.label for model in HISTORIES}
    assert models - tracked == WITHOUT.keys(), "give a new model @keep_history, or a reason in WITHOUT"


def test_history__of_all_tables__holds_no_secret() -> None:
    for model in HISTORIES:
        assert not {each.name for each in model._meta.fields} & {"secret_hash", "password"}, model


@pytest.mark.parametrize("table", NAMES)
@pytest.mark.parametrize("statement", ["UPDATE {} SET pgh_label = 'x'", "DELETE FROM {}"])
def test_history__for_the_application__can_only_grow(table: str, statement: str) -> None:
    with platform_scope(), pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        connection.cursor().execute(statement.format(table))


def test_history__of_a_row__has_every_state_of_it_and_who_made_it() -> None:
    admin, person, tenant = make_person(role=Role.ADMIN), make_person(), make_tenant()
    origin = Origin(what="POST /here", person=admin.pk, address="192.0.2.7")
    with writing(origin), platform_scope():
        add_member(person=person, tenant=tenant, role="viewer", actor=admin)
        membership = add_member(person=person, tenant=tenant, role="analyst", actor=admin)
        key = membership.pk
        remove_member(membership=membership, actor=admin)
    with platform_scope():
        rows = list(Membership.pgh_event_model.objects.filter(pgh_obj_id=key).order_by("pgh_id"))
    assert [(row.pgh_label, row.role) for row in rows] == [
        ("insert", "viewer"),
        ("update", "analyst"),
        ("delete", "analyst"),
    ]
    assert {row.pgh_context_id for row in rows} == {origin.id}
    assert rows[0].pgh_context == {"what": "POST /here", "person": admin.pk, "address": "192.0.2.7"}


def test_history__of_a_write__takes_no_further_query() -> None:
    tenant = make_tenant()
    with CaptureQueriesContext(connection) as captured:  # noqa: SIM117, what is counted stands apart
        with writing(Origin(what="POST /here")), tenant_scope(tenant.pk):
            Tenant.objects.update(name="Other")
    words = [query["sql"].split()[0] for query in captured.captured_queries]
    assert words == ["SAVEPOINT", "SELECT", "UPDATE", "SELECT", "RELEASE"]  # the scope opens and closes anyhow


def test_history__of_what_is_written_past_the_services__is_kept_too() -> None:
    tenant = make_tenant()
    with tenant_scope(tenant.pk):
        connection.cursor().execute("UPDATE tenants_tenant SET name = 'Other' WHERE id = %s", [tenant.pk])
        last = Tenant.pgh_event_model.objects.filter(pgh_obj_id=tenant.pk).latest("pgh_id")
    assert (last.pgh_label, last.name, last.pgh_context) == ("update", "Other", None)


def test_history__of_writes_that_decide_nothing__is_not_kept() -> None:
    world = serve()
    evidence = add_evidence(make_change(world))
    with platform_scope():
        kept = type(evidence).pgh_event_model.objects.filter(pgh_obj_id=evidence.pk)
        before = kept.count()
        evidence.progress = 0.5
        evidence.save(update_fields=["progress", "alive_at"])
        ApiKey.objects.filter(pk=world.key.pk).update(last_used_at="2026-01-01T00:00Z")
        assert kept.count() == before > 0
        assert ApiKey.pgh_event_model.objects.filter(pgh_obj_id=world.key.pk).count() == 1


def test_history__of_what_is_served__follows_the_pointer() -> None:
    world = serve()
    with platform_scope():
        before = CurrentRelease.pgh_event_model.objects.count()
        world.publish()
        assert CurrentRelease.pgh_event_model.objects.count() == before + 1


def test_history__of_another_tenant__does_not_exist() -> None:
    ours, theirs = make_tenant("acme"), make_tenant("globex")
    for tenant in (ours, theirs):
        make_intent(tenant)
        make_api_key(tenant)
    with tenant_scope(ours.pk):
        for model in (Intent, ApiKey):
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT DISTINCT tenant_id FROM {model.pgh_event_model._meta.db_table}")
                assert cursor.fetchall() == [(ours.pk,)]
            assert {row.tenant_id for row in model.pgh_event_model.objects.all()} == {ours.pk}
        assert {row.pgh_obj_id for row in Tenant.pgh_event_model.objects.all()} == {ours.pk}


def test_history__of_what_the_platform_shares__is_kept_outside_of_scopes() -> None:
    person = make_person()
    Person.objects.filter(pk=person.pk).update(name="Somebody else")
    rows = Person.pgh_event_model.objects.filter(pgh_obj_id=person.pk).order_by("pgh_id")
    assert [row.pgh_label for row in rows] == ["insert", "update"]
    assert "digest" in {each.name for each in ModelVersion.pgh_event_model._meta.fields}


def test_change__that_is_undone__leaves_no_history() -> None:
    tenant = make_tenant()
    with platform_scope(), transaction.atomic():
        change_tenant(tenant=tenant, changes={"name": "New"}, actor=None)
        transaction.set_rollback(True)
    with platform_scope():
        assert Tenant.pgh_event_model.objects.filter(pgh_obj_id=tenant.pk).count() == 1
