"""What stands before the scoring service's views, besides what Django and its libraries bring."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

GetResponse = Callable[[HttpRequest], HttpResponseBase]


def content_length(get_response: GetResponse) -> GetResponse:
    """Answers say how long they are, else the server would send them in chunks."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if isinstance(response, HttpResponse) and "Content-Length" not in response:
            response["Content-Length"] = str(len(response.content))
        return response

    return middleware
