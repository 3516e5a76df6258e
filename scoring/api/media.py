"""Bodies in and out: JSON by msgspec, of a bounded size."""

from collections.abc import Mapping
from typing import IO, Any

import msgspec
from django.conf import settings
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from tenants.api.problems import Problem

_encoder = msgspec.json.Encoder()


class BodyParser(BaseParser):
    """The bytes of a JSON body; what they must say is the view's business. Raises Problem 413."""

    media_type = "application/json"

    def parse(self, stream: IO[Any], media_type: str | None = None, context: Mapping[str, Any] | None = None) -> Any:
        length = int((context or {})["request"].META.get("CONTENT_LENGTH") or 0)
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if limit is not None and length > limit:
            expected = f"at most {limit} bytes; send several requests"
            found = f"{length} bytes"
            raise Problem(413, "Too large", errors=[{"field": "body", "expected": expected, "found": found}])
        return stream.read()


class AnswerRenderer(BaseRenderer):
    """Answers and problem documents as JSON."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data: Any, accepted_media_type: str | None = None, context: Any = None) -> bytes:
        return b"" if data is None else _encoder.encode(data)


class JsonOnly(BaseContentNegotiation):
    """JSON is all there is, whatever the client would like best."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        sent = (request.content_type or "").partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == sent), None)

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> tuple[Any, str]:
        return renderers[0], renderers[0].media_type
