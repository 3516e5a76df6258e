"""What people are used to in a browser: loading again, clicking beside a dialog, a file that is the wrong one."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from muse_site.driving.running import Product
from tenants.models import ApiKey
from tenants.roles import Role
from tenants.scope import platform_scope
from tests.browser.people import Visitor
from tests.factories import make_person, make_tenant

pytestmark = [pytest.mark.live, pytest.mark.browser]


@pytest.fixture
def admin(product: Product, visit: Callable[..., Visitor]) -> Visitor:
    make_tenant("acme")
    return visit(make_person(role=Role.ADMIN))


def test_page__that_answers_a_form__is_loaded_again_without_doing_it_again(admin: Visitor) -> None:
    admin.open("tenants/acme/keys")
    admin.act("create", called="web shop")
    admin.sees("The new key")
    admin.page.reload()
    expect(admin.page.locator("body")).not_to_contain_text("The new key")
    with platform_scope():
        assert ApiKey.objects.count() == 1


def test_dialog__closes_by_a_click_beside_it_and_not_by_one_at_its_edge(admin: Visitor) -> None:
    admin.open("tenants/acme/keys")
    admin.open_dialog("create")
    dialog, mouse = admin.page.locator("dialog#create"), admin.page.mouse
    box = dialog.bounding_box()
    assert box
    mouse.click(box["x"] + 6, box["y"] + 6)
    expect(dialog).to_be_visible()
    mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    mouse.down()
    mouse.move(5, 5)
    mouse.up()
    expect(dialog).to_be_visible()
    mouse.click(5, 5)
    expect(dialog).to_be_hidden()


def test_file__that_is_the_wrong_one__is_refused_at_its_field_and_what_was_typed_stays(
    admin: Visitor, tmp_path: Path
) -> None:
    (tmp_path / "events.csv").write_text("a,a\n1,2\n")
    admin.open("tenants/acme/new-intent")
    form = admin.form("create")
    form.locator("[name=called]").fill("card-payments")
    with admin.expecting(422):
        form.locator("[name=file]").set_input_files(tmp_path / "events.csv")
        expect(form.locator(".said")).to_contain_text("expected columns of different names")
    expect(form.locator("[name=called]")).to_have_value("card-payments")
