"""Bodies of requests: bounded by what is read of them, with a length or without, and the same in both services."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from django.conf import settings
from django.http import HttpRequest
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.views import APIView

from tenants import strict_json
from tenants.api.compression import ENCODINGS, expanded
from tenants.refusals import TooLarge, Unsupported

PIECE = 65_536
IN_MEMORY = 1_048_576  # of a body without a length; what is more waits on the disk


class BodyRequest(Request):
    """A request whose body may come without its length (`Transfer-Encoding: chunked`)."""

    def _load_stream(self) -> None:
        take(self._request, settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
        super()._load_stream()  # type: ignore[misc]


class BytesParser(BaseParser):
    """The bytes of a JSON body; what they must say is the view's business. Raises TooLarge."""

    media_type = "application/json"

    def parse(self, stream: IO[Any], media_type: str | None = None, context: Mapping[str, Any] | None = None) -> Any:
        length = int((context or {})["request"].META.get("CONTENT_LENGTH") or 0)
        check_length(length, settings.DATA_UPLOAD_MAX_MEMORY_SIZE, f"{length} bytes")
        return stream.read()


class StrictJSONParser(BytesParser):
    """What a JSON body says, every value of which can be kept. Raises TooLarge, Unreadable, Invalid."""

    def parse(self, stream: IO[Any], media_type: str | None = None, context: Mapping[str, Any] | None = None) -> Any:
        return strict_json.decode_storable(super().parse(stream, media_type, context))


class BodyView(APIView):
    """A view that reads bodies so, once the caller was let in."""

    parser_classes: Sequence[type[BaseParser]] = [StrictJSONParser]

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        return BodyRequest(
            request,
            parsers=self.get_parsers(),
            authenticators=self.get_authenticators(),
            negotiator=self.get_content_negotiator(),
            parser_context=self.get_parser_context(request),
        )


def take(request: HttpRequest, limit: int | None) -> None:
    """Read a body that comes without its length, or compressed: it has a length and is as it was written from then on.

    Raises TooLarge for more than `limit` bytes, sent or expanded; Unsupported for a compression that is not known.
    """
    encoding = _encoding(request)
    is_endless = not request.META.get("CONTENT_LENGTH") and not _ends_by_itself(request)
    if is_endless or (request.META.get("CONTENT_LENGTH") and encoding not in ENCODINGS):
        return
    said = request.META.get("CONTENT_LENGTH", "")
    if said.isdecimal():  # one that says that it is too long is not waited for
        check_length(int(said), limit, f"{said} bytes")
    pieces = _bounded(_pieces(request), limit)
    if encoding in ENCODINGS:
        pieces = _bounded(expanded(pieces, encoding), limit)
    kept = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115  # closed with the request, which holds it alone
    kept.writelines(pieces)
    request.META["CONTENT_LENGTH"] = str(kept.tell())
    kept.seek(0)
    request._stream = kept  # type: ignore[assignment]  # Django gives a body without a length as an empty one


def _pieces(request: HttpRequest) -> Iterator[bytes]:
    source = request._stream if request.META.get("CONTENT_LENGTH") else request.META["wsgi.input"]
    while piece := source.read(PIECE):
        yield piece


def _bounded(pieces: Iterable[bytes], limit: int | None) -> Iterator[bytes]:
    length = 0
    for piece in pieces:
        length += len(piece)
        check_length(length, limit, "more")
        yield piece


def check_length(length: int, limit: int | None, found: str) -> None:
    """Raises TooLarge for a body of more bytes than `limit`."""
    if limit is not None and length > limit:
        expected = f"at most {limit} bytes; send several requests"
        raise TooLarge(faults=[{"field": "body", "expected": expected, "found": found}])


def _encoding(request: HttpRequest) -> str:
    encoding: str = request.META.get("HTTP_CONTENT_ENCODING", "").strip()
    if encoding.lower() not in ("", "identity", *ENCODINGS):
        expected = f"one of {', '.join(ENCODINGS)}, or no such header"
        fault = {"field": "Content-Encoding", "expected": expected, "found": encoding[:80]}
        raise Unsupported(f"A body with Content-Encoding {encoding[:80]} is not read.", faults=[fault])
    return encoding.lower()


def _ends_by_itself(request: HttpRequest) -> bool:
    """Whether the server says where a body without a length ends, so that it can be read to its end."""
    chunked = "chunked" in request.META.get("HTTP_TRANSFER_ENCODING", "").lower()
    return chunked or bool(request.META.get("wsgi.input_terminated"))
