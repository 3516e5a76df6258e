"""The console's errors outside of any view: problem documents below /api/, Django's plain pages elsewhere."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string
from django.views import defaults

from muse_site import problem_pages


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    return (problem_pages.bad_request if _by_program(request) else defaults.bad_request)(request, exception)


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    return (problem_pages.not_allowed if _by_program(request) else defaults.permission_denied)(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    return (problem_pages.not_found if _by_program(request) else defaults.page_not_found)(request, exception)


def too_large(request: HttpRequest) -> HttpResponseBase:
    """A form that a browser has sent."""
    return HttpResponse(render_to_string("413.html"), status=413)


def failed(request: HttpRequest) -> HttpResponseBase:
    return (problem_pages.failed if _by_program(request) else defaults.server_error)(request)


def _by_program(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")
