"""How a process leaves without failing a request, while others serve on the same socket.

It takes no new connection, and closes each of those it has with the answer to its next request; only then does it end.
A connection that is closed while its client sends would fail that request, so idle ones are closed last.
"""


class Draining:
    """Whether this process is leaving: once it is, it is not ready, and its answers close their connections."""

    began = False


draining = Draining()
LONGEST = 2.0  # seconds in which clients' connections meet their next request; what is idle so long is closed
