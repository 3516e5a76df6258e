"""Taking pictures of a product that runs."""

from pathlib import Path

import pytest
from django.conf import global_settings
from PIL import Image
from playwright.sync_api import Browser
from pytest_django import Settings

from muse_site.driving.pictures.browser import NotLetIn
from muse_site.driving.pictures.camera import NOT_FOUND, Camera
from muse_site.driving.pictures.demonstration import Place
from muse_site.driving.running import Product
from tenants.roles import Role
from tests.browser.people import PASSWORD
from tests.factories import make_person

pytestmark = [pytest.mark.live, pytest.mark.browser]


def test_pictures__of_pages_in_four_windows__are_as_wide_as_these_and_tell_of_faults(
    product: Product, browser: Browser, settings: Settings, tmp_path: Path
) -> None:
    settings.PASSWORD_HASHERS = global_settings.PASSWORD_HASHERS  # as the product has them
    place = Place(product.console, make_person(role=Role.ADMIN).email, PASSWORD)
    camera = Camera(browser, place, tmp_path / "pictures", docs=False)
    missing = f"{product.console}/nowhere"
    pages = {"home": f"{product.console}/", "login": f"{product.console}/admin/login/", NOT_FOUND: missing}
    assert list(camera.take_all(pages)) == []
    widths = {file.name: Image.open(file).width for file in camera.folder.iterdir()}
    assert widths == {
        f"{page}-{theme}-{width}.png": width for page in pages for theme in ("light", "dark") for width in (1440, 390)
    }
    faults = list(camera.take_all({"tenant": missing}))
    assert faults[0] == f"tenant (light, 1440 wide): {missing} answered 404"
    stranger = Camera(browser, Place(product.console, place.email, "another"), tmp_path, docs=False)
    with pytest.raises(NotLetIn):
        list(stranger.take_all({"home": f"{product.console}/"}))
