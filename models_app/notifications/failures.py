"""Why something did not arrive, in words that say what to look at: a name, a port, a certificate, or the receiver."""

import smtplib
import socket
import ssl
from collections.abc import Iterator

import httpx

_SAYS: tuple[tuple[tuple[type[BaseException], ...], str], ...] = (
    ((socket.gaierror,), "was not found"),
    ((ConnectionRefusedError,), "refused the connection"),
    ((ssl.SSLCertVerificationError,), "has a certificate that does not hold"),
    ((ssl.SSLError,), "does not speak TLS as it should"),
    ((httpx.ConnectTimeout, httpx.PoolTimeout), "could not be connected to in time"),
    ((httpx.TimeoutException, TimeoutError), "did not answer in time"),
    ((ConnectionError, httpx.RemoteProtocolError, smtplib.SMTPServerDisconnected), "closed the connection"),
)


def in_words(error: Exception, receiver: str) -> str:
    """What the receiver did, by the first cause that is known; else the error as it is."""
    causes = list(_causes(error))
    for each in causes:
        if isinstance(each, smtplib.SMTPResponseException):
            return f"{receiver} answered {each.smtp_code}"
    for kinds, says in _SAYS:
        if any(isinstance(each, kinds) for each in causes):
            return f"{receiver} {says}"
    return f"{receiver}: {type(error).__name__}" + (f": {error}" if str(error) else "")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error, and what it came from: httpx wraps those of sockets in its own."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
