"""What bodies and answers are made of: JSON, and for batches NDJSON and Arrow streams too."""

from collections.abc import Sequence
from typing import Any

from django.utils.http import parse_header_parameters
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from scoring.serving import ndjson
from scoring.serving.columnar import answers, stream
from scoring.serving.requests import encode
from tenants.api.bodies import BytesParser

JSON, NDJSON, ARROW = "application/json", ndjson.CONTENT_TYPE, stream.CONTENT_TYPE


class NdjsonParser(BytesParser):
    media_type = NDJSON


class ArrowParser(BytesParser):
    media_type = ARROW


class AnswerRenderer(BaseRenderer):
    """Answers and problem documents as JSON."""

    media_type = JSON
    format = "json"
    charset = None

    def render(self, data: Any, accepted_media_type: str | None = None, context: Any = None) -> bytes:
        return b"" if data is None else encode(data)


class BatchRenderer(AnswerRenderer):
    """Answers to batches as JSON; problem documents are that whatever the answer would be."""

    def render(self, data: Any, accepted_media_type: str | None = None, context: Any = None) -> bytes:
        is_answer = data is not None and not isinstance(data, dict)
        return self.answer(data) if is_answer else super().render(data, accepted_media_type, context)

    def answer(self, data: answers.Answer) -> bytes:
        return encode(answers.as_rows(data))


class NdjsonRenderer(BatchRenderer):
    """A line for each event."""

    media_type = NDJSON
    format = "ndjson"

    def answer(self, data: answers.Answer) -> bytes:
        return ndjson.encode(answers.as_rows(data))


class ArrowRenderer(BatchRenderer):
    """A row for each event."""

    media_type = ARROW
    format = "arrow"

    def answer(self, data: answers.Answer) -> bytes:
        return answers.as_stream(data)


class JsonOnly(BaseContentNegotiation):
    """JSON is all there is, whatever the client would like best."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return next((parser for parser in parsers if parser.media_type == sent_as(request)), None)

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> tuple[Any, str]:
        return renderers[0], renderers[0].media_type


class InKind(JsonOnly):
    """What the client would like best of what there is; where it does not say, the answer is in kind."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> tuple[Any, str]:
        known = {renderer.media_type: renderer for renderer in renderers}
        wanted = _wanted(request.META.get("HTTP_ACCEPT", ""), list(known)) or sent_as(request)
        renderer = known.get(wanted, renderers[0])
        return renderer, renderer.media_type


def sent_as(request: Request) -> str:
    """The media type of a request's body."""
    return (request.content_type or "").partition(";")[0].strip().lower()


def _wanted(accept: str, known: Sequence[str]) -> str:
    """The first of those that an Accept header likes best; empty where it names none."""
    liked: dict[str, float] = {}
    for each in accept.split(","):
        kind, parameters = parse_header_parameters(each.strip())
        if kind in known and (quality := _number(parameters.get("q", "1"))) > 0.0:
            liked.setdefault(kind, quality)
    return max(liked, key=lambda kind: liked[kind], default="")


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 1.0
