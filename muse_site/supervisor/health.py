"""Asks a service over HTTP whether it is there."""

import http.client
from contextlib import closing


def answers(host: str, port: int, path: str = "/healthz", timeout: float = 3.0) -> bool:
    """True when the service answers in time, and not with an error of its own (5xx).

    A 4xx is an answer too: a service may know itself by other host names than the one it is asked by here.
    """
    with closing(http.client.HTTPConnection(host, port, timeout=timeout)) as connection:
        try:
            connection.request("GET", path)
            return connection.getresponse().status < 500
        except (OSError, http.client.HTTPException):
            return False
