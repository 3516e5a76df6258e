"""The scoring service by its own settings, in a process of its own: tests' processes have the console's apps loaded."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client

ROOT = Path(__file__).parents[2]

# Each address, and one of nothing, as a browser asks for it; then what answers where a view has failed.
_ASK = """
import json, django
django.setup()
from django.conf import settings
from django.test import Client, RequestFactory
from django.urls import URLResolver, get_resolver
def walk(resolver, before=""):
    for entry in resolver.url_patterns:
        at = f"{before}{entry.pattern}"
        yield from walk(entry, at) if isinstance(entry, URLResolver) else [at]
client = Client(raise_request_exception=False, SERVER_NAME="localhost", headers={"accept": "text/html,*/*;q=0.8"})
asked = [f"/{path}" for path in walk(get_resolver())] + ["/nothing", "/api/v1/docs?script="]
told = {path: client.get(path) for path in asked}
request, handler = RequestFactory().get("/"), get_resolver().resolve_error_handler
told |= {f"handler{status}": handler(status)(request, exception=Exception()) for status in (400, 403, 404)}
told["handler500"] = handler(500)(request)
print(json.dumps({each: [answer.status_code, answer["Content-Type"]] for each, answer in told.items()}))
"""
_NOT_READY = 503  # a process that has loaded no releases; a page or a call that fails has 500
_BY_PATH = {"/readyz": _NOT_READY, "/nothing": 404} | {
    f"/api/v1/{path}": 401 for path in ("score", "score/batch", "labels")
}
_BY_HANDLER = {f"handler{status}": status for status in (400, 403, 404, 500)}


@pytest.fixture
def told(tmp_path: Path) -> dict[str, tuple[int, str]]:
    """The status and the content type of each answer."""
    own = {"DJANGO_SETTINGS_MODULE": "muse_site.settings_scoring", "MUSE_DATA": str(tmp_path)}
    ran = subprocess.run([sys.executable, "-c", _ASK], cwd=ROOT, env=os.environ | own, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return {each: (status, kind) for each, (status, kind) in json.loads(ran.stdout.splitlines()[-1]).items()}


def test_scoring__each_address_by_its_own_settings__answers_as_documented(told: dict[str, tuple[int, str]]) -> None:
    wanted = {each: (_BY_PATH | _BY_HANDLER).get(each, 200) for each in told}
    assert {each: status for each, (status, _) in told.items()} == wanted
    assert told["/api/v1/docs"][1].startswith("text/html")
    assert {told[each][1] for each in (*_BY_HANDLER, "/nothing")} == {"application/problem+json"}


@pytest.mark.django_db
@pytest.mark.parametrize("url", ["/api/v1/schema", "/api/v1/docs", "/api/v1/docs?script=", "/admin/login/"])
def test_console__page_that_anybody_may_open__is_shown(client: Client, url: str) -> None:
    assert client.get(url).status_code == 200
