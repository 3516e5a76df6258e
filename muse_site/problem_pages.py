"""What Django itself refuses, as problem documents, for a service whose clients are programs."""

from django.http import HttpRequest, JsonResponse

from tenants.problem_documents import CONTENT_TYPE, TITLES, document


def _page(status: int, detail: str) -> JsonResponse:
    title = TITLES.get(status, "Error in the service")
    return JsonResponse(document(status, title, detail, []), status=status, content_type=CONTENT_TYPE)


def bad_request(request: HttpRequest, exception: Exception) -> JsonResponse:
    return _page(400, "The request cannot be read.")


def not_allowed(request: HttpRequest, exception: Exception) -> JsonResponse:
    return _page(403, "")


def not_found(request: HttpRequest, exception: Exception) -> JsonResponse:
    return _page(404, "There is nothing at this address; /api/v1/docs lists what there is.")


def failed(request: HttpRequest) -> JsonResponse:
    return _page(500, "Something failed; it is in the service's log.")
