"""The command that takes pictures: where it finds pages, and how it makes them small."""

import io
from collections.abc import Callable
from random import Random

import pytest
from PIL import Image

from muse_site.driving.pictures.addresses import PAGES, filled, found
from muse_site.driving.pictures.chosen import CHOSEN, MOST_BYTES, of, small
from muse_site.driving.pictures.demonstration import ELSEWHERE


def site(links: dict[str, list[str]]) -> Callable[[str], str]:
    """Reads pages that link to others."""
    return lambda path: "".join(f'<a href="/{each}">there</a>' for each in links.get(path, []))


def test_addresses__of_pages_that_link_to_each_other__are_found_of_one_tenant() -> None:
    links = {
        "tenants": ["tenants/acme", "tenants/globex"],
        "models": ["models/old/3?state=usable", "models/new/1"],
        "tenants/acme/changes": ["tenants/globex/changes/9", "tenants/acme/changes/2"],
        "tenants/acme/changes/2": ["tenants/acme/events/e-1#features"],
    }
    addresses = found(site(links), {})
    assert addresses["model"] == "models/old/3"
    assert addresses["keys"] == "tenants/acme/keys"
    assert (addresses["change"], addresses["event"]) == ("tenants/acme/changes/2", "tenants/acme/events/e-1")
    assert "fit" not in addresses


def test_addresses__that_are_known__come_before_those_that_are_linked() -> None:
    links = {"tenants": ["tenants/acme"], "tenants/globex/changes": ["tenants/globex/changes/1"]}
    addresses = found(site(links), {"change": "tenants/globex/changes/7"})
    assert (addresses["change"], addresses["tenant"]) == ("tenants/globex/changes/7", "tenants/globex")


def test_addresses__filled_without_a_name_for_an_object__fail() -> None:
    with pytest.raises(KeyError):
        list(filled({"tenant": "acme"}))


def test_chosen_pictures__are_of_pages_that_there_are() -> None:
    assert {each.page for each in CHOSEN} <= {*PAGES, *ELSEWHERE}
    assert [each.file for each in of("change", "dark", 1440)] == ["change-dark"]


def test_small__of_a_restless_picture__is_its_top_within_the_limit() -> None:
    noise = Image.frombytes("RGB", (96, 120), Random(1).randbytes(96 * 120 * 3))
    buffer = io.BytesIO()
    noise.resize((1440, 1800)).save(buffer, "PNG")
    content = small(buffer.getvalue(), 900)
    assert len(content) <= MOST_BYTES
    with Image.open(io.BytesIO(content)) as picture:
        assert (picture.format, picture.size) == ("WEBP", (1440, 900))
