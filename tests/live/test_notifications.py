"""What happens in the running product reaches a program and a person, by its own workers."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from models_app.changes import reviewing
from muse_site.driving.client import wait
from muse_site.driving.running import Product
from muse_site.setting_parsers import mail_server
from tenants.roles import Role
from tenants.scope import platform_scope
from tests.factories import add_evidence, make_change, make_person, make_webhook, serve
from tests.live.conftest import ENV
from tests.receivers import MailServer, receiving, taking_mail

pytestmark = pytest.mark.live


@pytest.fixture
def mails(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Iterator[MailServer]:
    """A mail server, which the product is started with; it may call webhooks on this machine."""
    with taking_mail() as taken:
        url = f"smtp://127.0.0.1:{taken.port}"
        monkeypatch.setitem(ENV, "MUSE_EMAIL_URL", url)
        monkeypatch.setitem(ENV, "MUSE_WEBHOOK_PRIVATE", "1")
        settings.ENV = {**settings.ENV, "MUSE_EMAIL_URL": mail_server(url)}
        yield taken


def test_submitted_change__in_the_running_product__is_told_by_webhook_and_by_email(
    mails: MailServer, product: Product
) -> None:
    world = serve()
    author, approver = (make_person(role=Role.APPROVER, tenant=world.tenant) for _ in range(2))
    change = make_change(world, author=author)
    add_evidence(change)
    with receiving() as receiver:
        make_webhook(world.tenant, receiver.url)
        with platform_scope():
            reviewing.submit(actor=author, change=change)
        wait(lambda: any(b"change.submitted" in body for _, _, body in receiver.calls), "the webhook's call", 90.0)
        wait(lambda: any(f"To: {approver.email}" in each for each in mails.mails), "the e-mail", 120.0)
    assert receiver.calls[0][1]["webhook-signature"].startswith("v1,")
