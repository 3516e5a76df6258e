"""A change request with people around it, e-mail turned on, and a receiver that really listens."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from pytest_django import Settings

from muse_site.environment import mail_server
from tenants.scope import platform_scope
from tests.changes.conftest import Case, _build


@dataclass
class Receiver:
    """An HTTP server on this machine. `status`: what it answers next; `calls`: (path, headers, body) that came."""

    url: str = ""
    status: int = 200
    location: str = ""
    calls: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            made.calls.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(made.status)
            if made.location:
                self.send_header("location", made.location)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Tests are silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.url = f"http://localhost:{server.server_port}/hook"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def switched_on(settings: Settings) -> None:
    """E-mail is sent, and webhooks may call this machine."""
    changes = {"MUSE_EMAIL_URL": mail_server("smtp://localhost"), "MUSE_WEBHOOK_PRIVATE": True}
    settings.ENV = {**settings.ENV, **changes, "MUSE_CONSOLE_URL": "https://muse.example.com/"}


@pytest.fixture
def case(db: None, settings: Settings, tmp_path: Path, switched_on: None) -> Iterator[Case]:
    """In the platform's scope."""
    settings.MEDIA_ROOT, settings.LAKE = tmp_path / "files", str(tmp_path / "lake")
    settings.SERVING_CACHE_DIR = tmp_path / "serving"
    made = _build()
    with platform_scope():
        yield made
