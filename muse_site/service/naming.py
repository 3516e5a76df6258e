"""Names requests: each has an id for the lines that are logged for it, which its client may say and is told.

It is told who has said one, and whoever is refused; `always`, everybody. So good answers of scoring cost no id.
"""

from collections.abc import Callable, Iterable
from typing import Any

from muse_site.service.environ import Environ
from muse_site.service.threads import Application
from tenants import asked
from tenants.asked import Request

_REFUSES = ("4", "5")


def named(
    application: Application, kind: Callable[[Environ], Request] = Request, *, always: bool = False
) -> Application:
    """The application, whose requests have a name. `kind`: what lines in the log are told of one."""

    def answer(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        request = kind(environ)

        def started(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            if always or request.said or status.startswith(_REFUSES):
                headers = [*headers, (asked.HEADER, request.id)]
            return start_response(status, headers, *error)

        with asked.answering(request):
            return application(environ, started)

    return answer
