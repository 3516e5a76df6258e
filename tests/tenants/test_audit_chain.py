"""The audit trail shows that it was tampered with, also by who owns the database."""

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction
from django.db.migrations.executor import MigrationExecutor

from tenants.audit_chain import Head, head_of, verify
from tenants.audit_terms import AuditAction
from tenants.models import AuditEntry, Tenant
from tenants.scope import platform_scope, tenant_scope
from tenants.services import record
from tests.factories import make_tenant

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
ODD = 'Zoë said "no"\\,\n\t\x01 \x7f \u2028 🙂 {"a": 1.50}'
SWAPPED = """UPDATE tenants_auditentry SET link = 10 WHERE link = 2;
    UPDATE tenants_auditentry SET link = 2 WHERE link = 3;
    UPDATE tenants_auditentry SET link = 3 WHERE link = 10"""


@pytest.fixture
def acme() -> Iterator[Tenant]:
    tenant = make_tenant("acme")
    for number in range(4):
        note(tenant, number=number)
    yield tenant
    connections["owner"].close()


def note(tenant: Tenant | None, reason: str = ODD, **details: object) -> None:
    with platform_scope():
        subject = tenant or Tenant.objects.earliest("pk")
        record(
            actor=None, act=AuditAction.CHANGE_TENANT, subject=subject, tenant=tenant, reason=reason, details=details
        )


def as_owner(statement: str, *values: object) -> None:
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute(statement, values)


def faults(kept: list[Head] | None = None) -> list[str]:
    with platform_scope():
        return [str(each) for each in verify(kept or [])[1]]


def test_trail__as_it_was_written__verifies_whatever_its_texts_hold(acme: Tenant) -> None:
    note(None, share=0.1, large=10**20, small=1e-9, odd=ODD, none=None)
    note(acme, reason="", nested={"b": [1, 2.50, True], "a": {}})
    with platform_scope():
        heads, found = verify()
    assert found == []
    assert {head.chain: head.link for head in heads} == {"-": 1, str(acme.pk): 5}
    with tenant_scope(acme.pk):
        assert head_of(acme.pk) == next(head for head in heads if head.chain == str(acme.pk))


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE tenants_auditentry SET reason = 'x' WHERE link = 2", "entry 2"),
        ("UPDATE tenants_auditentry SET details = '{\"number\": 7}' WHERE link = 2", "entry 2"),
        ("UPDATE tenants_auditentry SET at = at - interval '1 microsecond' WHERE link = 2", "entry 2"),
        ("UPDATE tenants_auditentry SET person_id = NULL, address = '192.0.2.1' WHERE link = 2", "entry 2"),
        ("UPDATE tenants_auditentry SET hash = repeat('0', 64) WHERE link = 4", "entry 4"),
        ("DELETE FROM tenants_auditentry WHERE link = 1", "entry 1"),
        ("DELETE FROM tenants_auditentry WHERE link = 3", "entry 3"),
        # two change places, each with its hash
        (
            SWAPPED,
            "entry 2",
        ),
    ],
)
def test_entry__altered_removed_or_moved_by_the_owner__shows(acme: Tenant, statement: str, words: str) -> None:
    as_owner(statement)
    assert faults()[0].startswith(f"{words} of tenant {acme.pk}: ")


def test_end__cut_off_by_the_owner__shows_against_heads_that_were_kept(acme: Tenant, tmp_path: Path) -> None:
    kept = tmp_path / "heads"
    kept.write_text(verified())
    note(acme)
    assert verified("--against", str(kept))
    as_owner("DELETE FROM tenants_auditentry WHERE link >= 4")
    assert faults() == []
    with pytest.raises(CommandError, match="cut off"):
        verified("--against", str(kept))


def test_chain__written_anew_by_the_owner__shows_against_heads_that_were_kept(acme: Tenant, tmp_path: Path) -> None:
    kept = tmp_path / "heads"
    kept.write_text(verified())
    as_owner("UPDATE tenants_auditentry SET reason = 'never'")
    as_owner(
        "DO $$ DECLARE before text := ''; e tenants_auditentry; BEGIN"
        " FOR e IN SELECT * FROM tenants_auditentry ORDER BY link LOOP"
        " UPDATE tenants_auditentry SET hash = muse_audit_hash(before, e) WHERE id = e.id RETURNING hash INTO before;"
        " END LOOP; END $$"
    )
    assert faults() == []
    with pytest.raises(CommandError, match="not the one that was there"):
        verified("--against", str(kept))


def test_command__against_what_are_no_heads__says_so(acme: Tenant, tmp_path: Path) -> None:
    (tmp_path / "x").write_text("nothing\n")
    with pytest.raises(CommandError, match="--against: expected a file of heads"):
        verified("--against", str(tmp_path / "x"))


def verified(*arguments: str) -> str:
    out = io.StringIO()
    call_command("verify_audit", *arguments, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def test_entry__added_with_a_link_and_hash_of_its_own__gets_the_chain_s(acme: Tenant) -> None:
    with platform_scope():
        AuditEntry.objects.create(tenant=acme, act="publish", subject="x", link=99, hash="f" * 64)
        assert AuditEntry.objects.latest("pk").link == 5
    assert faults() == []


def test_entries__added_by_many_at_once__are_one_chain(acme: Tenant) -> None:
    def add() -> None:
        for _ in range(5):
            note(acme)
        connection.close()

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with platform_scope():
        heads, found = verify()
    assert (found, [head.link for head in heads]) == ([], [24])


def test_entries__older_than_the_chain__are_chained_by_the_migration(acme: Tenant) -> None:
    note(None)
    executor = MigrationExecutor(connections["owner"])
    executor.migrate([("tenants", "0008_how_evidence_judges")])
    MigrationExecutor(connections["owner"]).migrate(MigrationExecutor(connections["owner"]).loader.graph.leaf_nodes())
    with platform_scope():
        heads, found = verify()
    assert (found, [head.link for head in heads]) == ([], [1, 4])
    note(acme)
    assert faults() == []


@pytest.mark.parametrize(("chained_first", "mended"), [(True, True), (False, False)])
def test_entries__chained_before_they_were_filled_in__are_chained_again_and_others_left(
    acme: Tenant, chained_first: bool, mended: bool
) -> None:
    as_owner("UPDATE tenants_auditentry SET subject_type = 'tenant of old' WHERE link = 1")
    assert faults() != []
    with migrated_in_order(chained_first):
        MigrationExecutor(connections["owner"]).migrate([("tenants", "0009_audit_chain")])
        executor = MigrationExecutor(connections["owner"])
        executor.migrate(executor.loader.graph.leaf_nodes())
    assert (faults() == []) is mended


@contextmanager
def migrated_in_order(chained_first: bool) -> Iterator[None]:
    """As if the chain had been made just now, before or after the migration that fills in what entries are about."""
    of_chain = "UPDATE django_migrations SET applied = applied + %s * interval '1 day' WHERE name = '0009_audit_chain'"
    of_filling = of_chain.replace("0009_audit_chain", "0009_audit_subjects")
    first, second = (of_chain, of_filling) if chained_first else (of_filling, of_chain)
    as_owner(first, 1)
    as_owner(second, 2)
    yield
    as_owner(first, -1)
    as_owner(second, -2)
