"""Headers with characters that no header has."""

import pytest

from muse_site.service.server import Served
from tests.site.service.serving import running
from tests.site.service.test_connection import application

NAMES = ("User-Agent", "Accept", "Accept-Language", "Cookie", "Authorization")
CONTROLS = [*range(9), *range(10, 32), 127]  # a tab may stand in a header


@pytest.mark.parametrize("name", NAMES)
def test_header__with_a_control_character__is_400_and_not_told_to_the_application(name: str) -> None:
    with running(Served(application)) as service:
        for each in CONTROLS:
            head = b"GET /odd HTTP/1.1\r\nHost: x\r\n%b: a%bb\r\n\r\n" % (name.encode(), bytes([each]))
            assert [found.status for found in service.ask(head)] == [400], each
