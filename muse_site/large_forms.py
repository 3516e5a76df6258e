"""How large a form may be that a browser sends: files in it are written to the disk as they are read.

Django reads a form, files and all, to find the token of its page, before any view is asked who may send it.
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from muse_site.errors import too_large
from tenants.caller import current

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class RefuseLargeForms:
    """Refuses them by their heads. Who is not logged in has no form with a file; REST bounds its own."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        said = request.META.get("CONTENT_LENGTH") or "0"
        if not request.path.startswith("/api/") and said.isdecimal() and int(said) > _most():
            return too_large(request)
        return self.get_response(request)


def _most() -> int:
    """Bytes of a form: of a model with its scores and its events, for those who may send one."""
    fields: int = settings.ENV["MUSE_REQUEST_MAX_BYTES"]
    files: int = settings.ENV["MUSE_MODEL_MAX_BYTES"] + 2 * settings.ENV["MUSE_SAMPLE_MAX_BYTES"]
    return fields + files if current().person is not None else fields
