"""The audit page: what it finds, what an act has changed, how an object came to be as it is."""

import re
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from models_app.changes.evidence.models import Evidence
from models_app.changes.policy_changes.models import PolicyChange
from models_app.intents.services import change_intent
from tenants.audit_terms import AuditAction
from tenants.models import AuditEntry, Person
from tenants.roles import Role
from tenants.scope import platform_scope
from tenants.services import change_tenant, record
from tests.factories import World, make_change, make_person, serve

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(settings: Settings, tmp_path: Path) -> World:
    settings.MEDIA_ROOT = tmp_path
    return serve("acme")


@pytest.fixture
def admin() -> Person:
    return make_person("root@vendor.example", Role.ADMIN)


@pytest.fixture
def acme_admin(world: World) -> Person:
    return make_person("admin@acme.example", Role.ADMIN, world.tenant)


def client_of(person: Person) -> Client:
    client = Client(REMOTE_ADDR="192.0.2.7")
    client.force_login(person, "django.contrib.auth.backends.ModelBackend")
    return client


def text_of(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, answer.status_code
    return re.sub(r"\s+", " ", answer.content.decode())


def save_policy(client: Client, tolerance: str) -> AuditEntry:
    sent = {
        "act": "save",
        "approvals_needed": "2",
        "approver_role": "admin",
        "tolerance": f"{100 * float(tolerance):g}",
    }
    sent |= {
        "expires_after_days": "9",
        "evidence_days": "9",
        "alerts_a_day": "0",
        "risk_tolerance": "20",
        "segment_tolerance": "10",
    }
    other = client_of(make_person(role=Role.ADMIN))
    assert other.post("/tenants/acme/policy", sent | {"reason": "for tests"}).status_code == 302
    with platform_scope():
        number = PolicyChange.objects.count()
    assert client.post("/tenants/acme/policy", {"act": "agree", "number": number}).status_code == 302
    with platform_scope():
        return AuditEntry.objects.filter(act="set review policy").latest("pk")


def test_entry__of_an_act__shows_who_from_where_and_what_it_changed(world: World, acme_admin: Person) -> None:
    client = client_of(acme_admin)
    save_policy(client, "0.2")
    page = text_of(client, f"/tenants/acme/audit/{save_policy(client, '0.3').pk}")
    for phrase in ("admin@acme.example", "192.0.2.7", "POST /tenants/acme/policy", "was changed"):
        assert phrase in page
    changed = re.findall(r"<td data-header=\"[^\"]*\" class=\"of-text\">([^<]*)</td>", page)
    assert [cell.strip() for cell in changed] == ["tolerance", "0.2", "0.3"]
    assert f"/tenants/acme/history/review-policy/{world.tenant.pk}" in page


def test_history__of_an_object__has_its_steps_newest_first(world: World, acme_admin: Person) -> None:
    client = client_of(acme_admin)
    for tolerance in ("0.2", "0.3"):
        save_policy(client, tolerance)
    page = text_of(client, f"/tenants/acme/history/review-policy/{world.tenant.pk}")
    assert page.index("> Changed <") < page.index("> Created <")
    assert page.count("admin@acme.example, POST /tenants/acme/policy, 192.0.2.7") == 2


def test_history__of_a_change_in_a_list__says_where_in_it(world: World, acme_admin: Person) -> None:
    with platform_scope():
        changes = {"thresholds": [{"name": "review", "score": 0.8}, {"name": "decline", "score": 0.9}]}
        change_intent(intent=world.intent, changes=changes, actor=acme_admin)
    page = text_of(client_of(acme_admin), f"/tenants/acme/history/intent/{world.intent.pk}")
    assert "thresholds.review.score" in page
    assert "thresholds.decline" in page
    assert page.index("thresholds.review.score") < page.index("> Created <")


def test_history__of_the_pointer__leads_to_the_releases(world: World, acme_admin: Person) -> None:
    world.publish()
    page = text_of(client_of(acme_admin), f"/tenants/acme/history/current-release/{world.tenant.pk}")
    with platform_scope():
        numbers = list(world.tenant.releases.values_list("number", flat=True))
    for number in numbers:
        assert f'href="/tenants/acme/releases/{number}"' in page


NOT_THEIRS = ("history/person/1", "history/model-version/1", "history/nothing/1", "history/intent/0", "audit/0")


@pytest.mark.parametrize("place", NOT_THEIRS)
def test_history__of_what_is_not_the_tenants__is_404(
    world: World, acme_admin: Person, admin: Person, place: str
) -> None:
    for person in (acme_admin, admin):
        assert client_of(person).get(f"/tenants/acme/{place}").status_code == 404


def test_history__of_an_api_key__holds_no_secret(world: World, acme_admin: Person) -> None:
    page = text_of(client_of(acme_admin), f"/tenants/acme/history/api-key/{world.key.pk}")
    assert world.key.prefix in page
    assert world.key.secret_hash not in page
    assert "secret hash" not in page


def test_history__of_what_is_shared__is_the_platforms(world: World, acme_admin: Person, admin: Person) -> None:
    url = f"/history/model-version/{world.model.pk}"
    assert world.model.name in text_of(client_of(admin), url)
    assert client_of(acme_admin).get(url).status_code == 404


def test_entry__of_one_tenant_in_an_act_for_many__shows_that_tenants_part(world: World, admin: Person) -> None:
    other = serve("globex")
    with platform_scope():
        for tenant in (world.tenant, other.tenant):
            change_tenant(tenant=tenant, changes={"name": f"New {tenant.slug}"}, actor=admin)
        mine = AuditEntry.objects.get(act="change tenant", tenant=world.tenant)
    page = text_of(client_of(admin), f"/audit/{mine.pk}")
    assert "New globex" not in page


def test_trail__narrowed__shows_what_was_looked_for(world: World, acme_admin: Person) -> None:
    client = client_of(acme_admin)
    save_policy(client, "0.2")
    assert "set review policy" in text_of(client, "/tenants/acme/audit?person=admin@acme.example&since=2020-01-01")
    page = text_of(client, "/tenants/acme/audit?person=platform&act=set+review+policy")
    assert "Nothing matches" in page
    assert "/tenants/acme/audit/export?person=platform&amp;act=set+review+policy&amp;form=csv" in page


def test_trail__narrowed_by_what_is_no_day__says_so(world: World, acme_admin: Person) -> None:
    client = client_of(acme_admin)
    assert "since: Datetime has wrong format" in text_of(client, "/tenants/acme/audit?since=soon")
    answer = client.get("/tenants/acme/audit/export?since=soon&form=csv")
    assert (answer.status_code, answer["Location"]) == (302, "/tenants/acme/audit?since=soon")


def test_export__from_the_page__is_a_file_of_what_it_shows(world: World, acme_admin: Person) -> None:
    client = client_of(acme_admin)
    save_policy(client, "0.2")
    answer = client.get("/tenants/acme/audit/export?act=set+review+policy&form=csv")
    head, row, end = b"".join(answer.streaming_content).decode().split("\r\n")
    assert head.startswith("id,at,person,tenant,act,")
    assert "admin@acme.example,acme,set review policy,acme" in row
    assert "192.0.2.7,POST /tenants/acme/policy" in row
    assert end == ""


def test_trail__of_actions__offers_all_that_there_are(world: World, acme_admin: Person) -> None:
    page = text_of(client_of(acme_admin), "/tenants/acme/audit?act=publish")
    offered = page[page.index("any action") : page.index("</select>", page.index("any action"))]
    assert [action for action in AuditAction.values if f">{action}</option>" not in offered] == []
    assert re.findall(r"<option selected>([^<]*)<", offered) == ["publish"]


def test_trail__of_rows_that_have_pages__leads_to_them(world: World, acme_admin: Person, admin: Person) -> None:
    serve("globex")
    change = make_change(serve("other"))
    with platform_scope():
        record(actor=None, act=AuditAction.EDIT, subject=change, tenant=change.tenant)
        record(actor=None, act=AuditAction.CHANGE_INTENT, subject=world.intent, tenant=world.tenant)
        record(actor=None, act=AuditAction.CHECK_MODEL, subject=world.model)
        record(actor=None, act=AuditAction.CHANGE_PERSON, subject=admin)
        entry = record(actor=None, act=AuditAction.EVIDENCE_FAILED, subject=Evidence(pk=10**9), tenant=world.tenant)
    page = text_of(client_of(admin), "/audit")
    places = (
        f"/tenants/other/changes/{change.number}", f"/tenants/acme/intents/{world.intent.name}",
        f"/models/{world.model.name}/1", "/tenants/acme/releases/1", "/tenants/globex/releases/1",
    )  # fmt: skip
    assert [place for place in places if f'href="{place}"' not in page] == []
    assert "evidence 1000000000" in page  # gone, so there is no page of it
    client = client_of(acme_admin)
    assert f'href="/tenants/acme/intents/{world.intent.name}"' in text_of(client, "/tenants/acme/audit")
    assert text_of(client, f"/tenants/acme/audit/{entry.pk}").count("evidence 1000000000") > 1


def test_entry__of_a_row__leads_to_all_that_was_done_to_it(world: World, acme_admin: Person) -> None:
    with platform_scope():
        entry = record(actor=None, act=AuditAction.CHANGE_INTENT, subject=world.intent, tenant=world.tenant)
        record(actor=None, act=AuditAction.SET_PASSWORD, subject=acme_admin, tenant=world.tenant)
    client, query = client_of(acme_admin), f"subject_type=intent&amp;subject_id={world.intent.pk}"
    assert f'href="/tenants/acme/audit?{query}"' in text_of(client, f"/tenants/acme/audit/{entry.pk}")
    page = text_of(client, f"/tenants/acme/audit?{query.replace('amp;', '')}")
    assert f"/tenants/acme/audit/{entry.pk}" in page
    assert "/tenants/acme/audit/" + str(entry.pk + 1) not in page
    assert f"/tenants/acme/audit/export?{query}" in page
