"""How notifications travel: signed calls to a server that listens, e-mails, and what follows where none arrives."""

import base64
import hashlib
import hmac
import ipaddress
import json
import socketserver
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from models_app.changes import reviewing
from models_app.changes.policy import set_policy
from models_app.changes.reviewing import publish_change
from models_app.notifications.addresses import Refused, check_url, is_public, resolve
from models_app.notifications.delivering import MAX_ATTEMPTS, deliver, deliver_due, pause
from models_app.notifications.models import Delivery
from models_app.notifications.signature import secret_of
from muse_site.setting_parsers import mail_server
from tenants.scope import platform_scope
from tests.factories import make_delivery, make_tenant, make_webhook
from tests.models_app.changes.conftest import Case
from tests.receivers import Receiver, taking_mail

pytestmark = pytest.mark.django_db


def now(delivery: Delivery) -> Delivery:
    with platform_scope():
        return Delivery.objects.get(pk=delivery.pk)


def due(delivery: Delivery, **changes: object) -> None:
    with platform_scope():
        Delivery.objects.filter(pk=delivery.pk).update(due_at=timezone.now(), **changes)


# ---- webhooks


def test_webhook__that_answers__gets_a_body_that_its_secret_signs(receiver: Receiver, switched_on: None) -> None:
    webhook = make_webhook(make_tenant("acme"), receiver.url)
    delivery = make_delivery(webhook, "Release 2 is published")
    deliver(delivery.pk)
    assert (now(delivery).state, now(delivery).attempts, now(delivery).error) == ("delivered", 1, "")
    ((path, headers, body),) = receiver.calls
    assert path == "/hook"
    assert headers["host"] == receiver.url.split("/")[2]
    # What a receiver does, as docs/notifications.md has it.
    key = base64.b64decode(secret_of(webhook.seed).removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    signature = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{signature}"
    assert abs(time.time() - int(headers["webhook-timestamp"])) < 300
    content = json.loads(body)
    assert (content["type"], content["data"]["tenant"]) == ("change.published", "acme")
    assert content["data"]["title"] == "Release 2 is published"


def test_webhook__of_a_tenant__is_told_the_head_of_its_trail__against_which_it_verifies(
    case: Case, receiver: Receiver, tmp_path: Path
) -> None:
    make_webhook(case.world.tenant, receiver.url)
    reviewing.submit(actor=case.author, change=case.change)
    deliver(Delivery.objects.exclude(webhook=None).get().pk)
    head = json.loads(receiver.calls[0][2])["data"]["audit"]
    assert head.startswith(f"{case.world.tenant.pk} ")
    kept = tmp_path / "heads"
    kept.write_text(head)
    call_command("verify_audit", against=kept)
    kept.write_text(f"{head[:-1]}{'0' if head[-1] != '0' else '1'}")
    with pytest.raises(CommandError, match="not the one that was there"):
        call_command("verify_audit", against=kept)


def test_webhook__delivered_once__is_not_called_again(receiver: Receiver, switched_on: None) -> None:
    delivery = make_delivery(make_webhook(make_tenant(), receiver.url))
    deliver(delivery.pk)
    deliver(delivery.pk)
    assert len(receiver.calls) == 1


def test_webhook__that_fails__is_called_later_with_the_same_id(receiver: Receiver, switched_on: None) -> None:
    delivery = make_delivery(make_webhook(make_tenant(), receiver.url))
    receiver.status = 500
    deliver(delivery.pk)
    row = now(delivery)
    assert (row.state, row.attempts, row.error) == ("waiting", 1, "it answered 500, expected 200 to 299")
    assert row.tried_at is not None
    assert row.due_at - row.tried_at >= pause(1)
    deliver(delivery.pk)  # not due yet
    assert len(receiver.calls) == 1
    due(delivery)
    receiver.status = 204
    deliver(delivery.pk)
    assert (now(delivery).state, now(delivery).attempts) == ("delivered", 2)
    first, second = (headers for _, headers, _ in receiver.calls)
    assert first["webhook-id"] == second["webhook-id"]


def test_pause__after_each_attempt__is_longer() -> None:
    pauses = [pause(attempts) for attempts in range(1, MAX_ATTEMPTS)]
    assert pauses == sorted(set(pauses))
    assert timedelta(hours=12) < sum(pauses, timedelta()) < timedelta(days=2)


def test_webhook__that_fails_too_often__is_given_up(receiver: Receiver, switched_on: None) -> None:
    delivery = make_delivery(make_webhook(make_tenant(), receiver.url), attempts=MAX_ATTEMPTS - 1)
    receiver.status = 503
    deliver(delivery.pk)
    assert (now(delivery).state, now(delivery).error) == ("given up", "it answered 503, expected 200 to 299")


def test_webhook__whose_last_worker_died__is_given_up_without_a_call(receiver: Receiver, switched_on: None) -> None:
    delivery = make_delivery(make_webhook(make_tenant(), receiver.url), attempts=MAX_ATTEMPTS)
    deliver(delivery.pk)
    assert (now(delivery).state, receiver.calls) == ("given up", [])


def test_webhook__that_redirects__is_not_followed(receiver: Receiver, switched_on: None) -> None:
    delivery = make_delivery(make_webhook(make_tenant(), receiver.url))
    receiver.status, receiver.location = 302, receiver.url.replace("/hook", "/elsewhere")
    deliver(delivery.pk)
    assert [path for path, _, _ in receiver.calls] == ["/hook"]
    assert now(delivery).error == "it answered 302; redirects are not followed"


def test_webhook__where_nobody_listens__says_so(switched_on: None) -> None:
    with socketserver.TCPServer(("127.0.0.1", 0), socketserver.BaseRequestHandler) as server:
        port = server.server_address[1]
    delivery = make_delivery(make_webhook(make_tenant(), f"http://127.0.0.1:{port}/"))
    deliver(delivery.pk)
    assert now(delivery).error == "127.0.0.1 refused the connection"


def test_webhook__of_a_host_that_there_is_not__says_so(switched_on: None) -> None:
    delivery = make_delivery(make_webhook(make_tenant(), "https://hooks.invalid/"))
    deliver(delivery.pk)
    assert now(delivery).error == "the host hooks.invalid was not found"


def test_webhook__on_this_machine__is_not_called_unless_allowed(receiver: Receiver) -> None:
    for url in (receiver.url, receiver.url.replace("localhost", "127.0.0.1")):
        delivery = make_delivery(make_webhook(make_tenant(), url))
        deliver(delivery.pk)
        assert "is not on the public internet" in now(delivery).error
    assert receiver.calls == []


def test_webhook__that_is_off__is_not_called(receiver: Receiver, switched_on: None) -> None:
    delivery = make_delivery(make_webhook(make_tenant(), receiver.url, is_active=False))
    deliver(delivery.pk)
    assert (receiver.calls, now(delivery).error) == ([], "the webhook is off")


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "::1", "::", "fe80::1", "fc00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1",
        "2002:7f00:1::", "192.0.0.192", "192.0.0.9", "168.63.129.16", "100.100.100.200", "161.26.0.7", "198.18.0.1",
        "192.88.99.1", "240.0.0.1", "255.255.255.255", "::127.0.0.1", "::8.8.8.8", "fec0::1", "fd00:ec2::254",
        "64:ff9b:1::808:808", "64:ff9b::a00:1", "64:ff9b::a9fe:a9fe", "::ffff:168.63.129.16", "2001:0:7f00:1::",
        "2001:db8::1", "3fff::1", "100::1", "5f00::1", "4000::1",
    ],
)  # fmt: skip
def test_address__that_is_not_public__is_refused(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(Refused, match="not on the public internet"):
        check_url(f"https://{host}/hook")


@pytest.mark.parametrize(
    "address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "64:ff9b::5db8:d70e", "2002:5db8:d70e::1"]
)
def test_address__that_is_public__is_not_refused(address: str) -> None:
    host = f"[{address}]" if ":" in address else address
    assert resolve(check_url(f"https://{host}/hook")) == address


def test_name__that_means_this_machine__is_refused_when_it_is_called() -> None:
    with pytest.raises(Refused, match="not on the public internet"):
        resolve(check_url("http://localhost/hook"))


@pytest.mark.parametrize(
    "host",
    [
        "2130706433", "0x7f000001", "127.1", "10.1", "10.0x", "1.2.3.4.", "exa mple.com", "exa%20mple.com", "a..b",
        "ex%41mple.com", f"{'a' * 70}.com", f"{'a.' * 127}com", "-a.com", "a-.com", "a*b.com", "a\\b.com", "a,b.com",
    ],
)  # fmt: skip
def test_host__that_is_neither_a_name_nor_an_address__is_refused(host: str) -> None:
    with pytest.raises(Refused, match="expected the name of a host"):
        check_url(f"https://{host}/hook")


@pytest.mark.parametrize(
    "host", ["hooks.example.com", "example.com.", "localhost", "a_b.example", "bücher.example", "7.example"]
)
def test_host__that_a_name_server_may_know__is_not_refused(host: str) -> None:
    assert check_url(f"https://{host}:8443/hook").port == 8443


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("ftp://example.com/", "begins with https://"),
        ("file:///etc/passwd", "begins with https://"),
        ("example.com/hook", "begins with https://"),
        ("https:///hook", "begins with https://"),
        ("https://name:secret@example.com/", "without a name"),
        ("https://example.com/#part", "without a name"),
        ("https://[::1", "expected a URL"),
        ("https://example.com:99999/", "a port from 1 to 65,535"),
        ("https://example.com:0/", "a port from 1 to 65,535"),
    ],
)
def test_url__of_a_wrong_form__is_refused(url: str, message: str) -> None:
    with pytest.raises(Refused, match=message):
        check_url(url)


def test_look__at_what_is_due__takes_waiting_rows_whose_time_has_come(switched_on: None) -> None:
    webhook = make_webhook(make_tenant())
    make_delivery(webhook)
    make_delivery(webhook, due_at=timezone.now() + timedelta(minutes=1))
    make_delivery(webhook, state="given up")
    assert deliver_due() == 1


# ---- e-mails


def test_email__to_an_approver__says_what_waits_and_where(case: Case) -> None:
    reviewing.submit(actor=case.author, change=case.change)
    delivery = Delivery.objects.get(person=case.approver)
    due(delivery)
    deliver(delivery.pk)
    (sent,) = mail.outbox
    assert sent.to == [case.approver.email]
    assert sent.subject.startswith(f"[MUSE] {case.world.tenant}: change request 1")
    assert "waits for review" in sent.subject
    assert f"https://muse.example.com/tenants/{case.world.tenant.slug}/changes/1" in sent.body
    assert now(delivery).state == "delivered"


def test_emails__to_one_person__go_as_one(case: Case) -> None:
    set_policy(actor=None, tenant=case.world.tenant, changes={"publish_when_approved": False})
    reviewing.submit(actor=case.author, change=case.change)
    reviewing.approve(actor=case.approver, change=case.change, **case.seen)
    publish_change(actor=case.approver, change=case.change)
    rows = Delivery.objects.filter(person=case.author).order_by("pk")
    assert rows.count() == 2  # approved, published
    for each in rows:
        due(each)
    deliver(rows[0].pk)
    (sent,) = mail.outbox
    assert sent.subject.endswith("(and 1 more)")
    assert "is approved." in sent.body
    assert "is published." in sent.body
    assert {each.state for each in rows.all()} == {"delivered"}


def test_emails__just_written__wait_for_others(case: Case) -> None:
    reviewing.submit(actor=case.author, change=case.change)
    deliver(Delivery.objects.get(person=case.approver).pk)
    assert mail.outbox == []
    assert deliver_due() == 0


def test_email__to_somebody_who_wants_none_by_now__is_not_sent(case: Case) -> None:
    reviewing.submit(actor=case.author, change=case.change)
    delivery = Delivery.objects.get(person=case.approver)
    case.approver.wants_email = False
    case.approver.save()
    due(delivery)
    deliver(delivery.pk)
    assert (mail.outbox, now(delivery).error) == ([], "this person gets no e-mail any more")


@pytest.fixture
def by_smtp(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"


def test_email__by_a_mail_server__arrives(case: Case, settings: Settings, by_smtp: None) -> None:
    reviewing.submit(actor=case.author, change=case.change)
    delivery = Delivery.objects.get(person=case.approver)
    due(delivery)
    with taking_mail() as taken:
        settings.EMAIL_PORT = taken.port
        deliver(delivery.pk)
    (text,) = taken.mails
    assert f"To: {case.approver.email}" in text
    assert "From: MUSE <muse@localhost>" in text
    assert now(delivery).state == "delivered"


def test_email__without_its_mail_server__is_tried_again(case: Case, settings: Settings, by_smtp: None) -> None:
    with socketserver.TCPServer(("127.0.0.1", 0), socketserver.BaseRequestHandler) as server:
        settings.EMAIL_PORT = server.server_address[1]
    reviewing.submit(actor=case.author, change=case.change)
    delivery = Delivery.objects.get(person=case.approver)
    due(delivery)
    deliver(delivery.pk)
    assert (now(delivery).state, now(delivery).attempts) == ("waiting", 1)
    assert now(delivery).error == "the mail server refused the connection"


def test_mail_server__by_its_setting__is_read_whole() -> None:
    read = mail_server("smtp+starttls://ann%40x:p%2Fw@mail.example.com")
    assert read is not None
    assert (read.host, read.port, read.security) == ("mail.example.com", 587, "starttls")
    assert (read.user, read.password) == ("ann@x", "p/w")
    assert "p/w" not in repr(read)
