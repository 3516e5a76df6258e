"""A proxy in front of Postgres that holds back whatever a client sends: each round trip takes as much longer."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from muse_site.embedded.postgres import APP_ROLE, DATABASE, OWNER_ROLE

_CHUNK = 1 << 16


@dataclass
class Proxy:
    """Listens on `port` of loopback; `delay`: seconds that each message of a client waits. `held`: how many waited."""

    server: Path
    port: int = 0
    delay: float = 0.0
    held: int = 0

    @property
    def app_url(self) -> str:
        return self._url(APP_ROLE)

    @property
    def owner_url(self) -> str:
        return self._url(OWNER_ROLE)

    def _url(self, role: str) -> str:
        return f"postgresql://{role}@127.0.0.1:{self.port}/{DATABASE}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until either side closes it."""
        with suppress(OSError):
            there, here = await asyncio.open_unix_connection(self.server)
            directions = [self._hand_on(reader, here, is_client=True), self._hand_on(there, writer, is_client=False)]
            await asyncio.wait([asyncio.ensure_future(each) for each in directions])

    async def _hand_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, is_client: bool) -> None:
        with suppress(OSError):
            while data := await reader.read(_CHUNK):
                if is_client and self.delay:
                    self.held += 1
                    await asyncio.sleep(self.delay)
                writer.write(data)
                await writer.drain()
        writer.close()


@contextmanager
def proxy(server: Path) -> Iterator[Proxy]:
    """A proxy to the Postgres on this unix socket, as long as the block."""
    found = Proxy(server)
    loop = asyncio.new_event_loop()
    listening = loop.run_until_complete(asyncio.start_server(found.serve, "127.0.0.1", 0))
    found.port = listening.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        listening.close()
