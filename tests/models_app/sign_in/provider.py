"""A provider of OpenID Connect that really runs, and what can stand between it and MUSE."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from django.http import HttpResponse
from django.test import Client

START, BACK = "/log-in/single-sign-on", "/log-in/single-sign-on/back"
Alter = Callable[[Any], Any]


@dataclass(frozen=True)
class Provider:
    issuer: str

    def knows(self, subject: str, **claims: object) -> None:
        """Have somebody there, with what the provider says of them."""
        httpx.put(f"{self.issuer}/users/{subject}", json=claims).raise_for_status()

    def agrees(self, there: str, subject: str) -> str:
        """What somebody's browser is sent back with, when they have logged in there."""
        return _path(httpx.post(there, data={"sub": subject}))

    def denies(self, there: str) -> str:
        """Where it leads who cancels; with the state, which this provider forgets (RFC 6749, 4.1.2.1)."""
        return f"{_path(httpx.post(there, data={'action': 'deny'}))}&state={asked(there)['state']}"


def _path(answer: httpx.Response) -> str:
    assert answer.status_code in (302, 303), answer.text
    parts = urlsplit(answer.headers["location"])
    assert parts.path == BACK
    return f"{parts.path}?{parts.query}"


def begin(client: Client, then: str = "") -> str:
    """Where the log-in's button leads."""
    answer: Any = client.get(START, {"next": then} if then else {})
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"])


def asked(there: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(there).query).items()}


def sign_on(client: Client, provider: Provider, subject: str, then: str = "") -> HttpResponse:
    """All of it, as a browser goes through it."""
    return client.get(provider.agrees(begin(client, then), subject))


@contextmanager
def between(provider: Provider, alter: dict[str, Alter]) -> Iterator[Provider]:
    """The same provider at another address, which gives some paths' answers altered."""

    class Between(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            said = httpx.request(self.command, provider.issuer + self.path, content=body, headers=dict(self.headers))
            content, path = said.content, urlsplit(self.path).path
            if path in alter:
                content = json.dumps(alter[path](said.json())).encode()
            self.send_response(said.status_code)
            for name in {"content-type", "location"} & set(said.headers):
                self.send_header(name, said.headers[name])
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_PUT = do_GET

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Between)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Provider(f"http://127.0.0.1:{server.server_port}")
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
