"""People at their browsers, on the product as its supervisor runs it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import global_settings
from playwright.sync_api import Browser
from pytest_django import Settings

from muse_site.driving.pictures.browser import launch_options
from muse_site.driving.running import Product
from tenants.models import Person
from tests.browser.people import Visitor
from tests.live.conftest import assets, product

__all__ = ["assets", "product"]


@pytest.fixture(scope="session", autouse=True)
def _not_asynchronous() -> Iterator[None]:
    """Playwright's loop makes Django think that these tests are asynchronous. They are not."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Without a Chromium these tests fail: they are not skipped."""
    return launch_options()


@pytest.fixture
def visit(product: Product, browser: Browser, settings: Settings) -> Iterator[Callable[..., Visitor]]:
    """`visit(person)`: a browser of their own, logged in. Whatever went wrong in it fails the test at its end."""
    settings.PASSWORD_HASHERS = global_settings.PASSWORD_HASHERS  # as the product has them
    visitors: list[Visitor] = []

    def arrive(person: Person, **context: Any) -> Visitor:
        visitors.append(Visitor(browser.new_context(**context), product.console, person.email))
        return visitors[-1]

    yield arrive
    for visitor in visitors:
        visitor.context.close()
    assert [fault for visitor in visitors for fault in visitor.faults] == []
