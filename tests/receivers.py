"""An HTTP server and a mail server that really listen, for tests of what is sent to them."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Receiver:
    """An HTTP server on this machine. `status`: what it answers next; `calls`: (path, headers, body) that came."""

    url: str = ""
    status: int = 200
    location: str = ""
    calls: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)


@contextmanager
def receiving() -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            receiver.calls.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(receiver.status)
            if receiver.location:
                self.send_header("location", receiver.location)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Tests are silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://localhost:{server.server_port}/hook"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield receiver
    server.shutdown()
    thread.join()
    server.server_close()


@dataclass
class MailServer:
    port: int = 0
    mails: list[str] = field(default_factory=list)


@contextmanager
def taking_mail() -> Iterator[MailServer]:
    """As much of a mail server as takes e-mails."""
    mail_server = MailServer()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 here\r\n")
            while line := self.rfile.readline().decode().strip().upper():
                self._answer(line.split()[0])
                if line == "QUIT":
                    return

        def _answer(self, verb: str) -> None:
            if verb == "DATA":
                self.wfile.write(b"354 go on\r\n")
                mail_server.mails.append("".join(iter(lambda: self.rfile.readline().decode(), ".\r\n")))
            self.wfile.write(b"250 fine\r\n" if verb != "QUIT" else b"221 bye\r\n")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        mail_server.port = server.server_address[1]
        threading.Thread(target=server.serve_forever).start()
        yield mail_server
        server.shutdown()
