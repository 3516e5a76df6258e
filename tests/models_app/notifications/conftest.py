"""A change request with people around it, e-mail turned on, and a receiver that really listens."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from muse_site.setting_parsers import mail_server
from tenants.scope import platform_scope
from tests.models_app.changes.conftest import Case, _build
from tests.receivers import Receiver, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as server:
        yield server


@pytest.fixture
def switched_on(settings: Settings) -> None:
    """E-mail is sent, and webhooks may call this machine."""
    changes = {"MUSE_EMAIL_URL": mail_server("smtp://localhost"), "MUSE_WEBHOOK_PRIVATE": True}
    settings.ENV = {**settings.ENV, **changes, "MUSE_CONSOLE_URL": "https://muse.example.com/"}


@pytest.fixture
def case(db: None, switched_on: None) -> Iterator[Case]:
    """In the platform's scope."""
    case = _build()
    with platform_scope():
        yield case
