"""The scoring API: a score, a batch of scores, labels. What they do is the service's; these are its doors."""

import time
from typing import Any

from django.conf import settings
from rest_framework.request import Request
from rest_framework.response import Response

from scoring.api import media, schema
from scoring.api.authentication import ApiKeyAuthentication, KeyHasScope, key_of
from scoring.api.media import JSON, AnswerRenderer, JsonOnly, sent_as
from scoring.serving import express, metrics, ndjson
from scoring.serving import requests as shapes
from scoring.serving.columnar import stream
from scoring.serving.columnar.answers import Answer
from scoring.serving.columnar.events import intent_of
from scoring.serving.keyring import Key
from scoring.serving.process import serving
from tenants.api.bodies import BodyView, BytesParser
from tenants.refusals import Unreadable

_READ = frozenset({404, 422, 429, 503})  # what is refused so has been read


class ScoringView(BodyView):
    """What the three have in common. `scope`: what a key needs; `endpoint`: its name in the metrics."""

    authentication_classes = [ApiKeyAuthentication]
    permission_classes = [KeyHasScope]
    parser_classes = [BytesParser]
    renderer_classes = [AnswerRenderer]
    content_negotiation_class = JsonOnly
    http_method_names = ["post"]
    scope = express.SCOPE
    endpoint = ""

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        began = time.perf_counter()
        response = super().dispatch(request, *args, **kwargs)
        metrics.answered(self.endpoint, response.status_code, time.perf_counter() - began)
        if response.status_code >= 400:
            self._note_refused(response.status_code)
        if self.scope == express.SCOPE:
            self._say_limits(response)
        return response

    def _say_limits(self, response: Any) -> None:
        key = getattr(self.request, "_auth", None)
        if isinstance(key, Key):
            for name, value in serving().service.limits(key):
                response[name] = value

    def _note_refused(self, status: int) -> None:
        """Of a tenant whose key is known: of others nobody can say whose they are."""
        key = getattr(self.request, "_auth", None)
        if isinstance(key, Key):
            serving().service.refused(key, self._read() if status in _READ else b"", status)

    def _read(self) -> bytes:
        """The body, of which the intent is looked for; nothing where it cannot be had."""
        try:
            data = self.request.data
        except Exception:  # it was refused for whatever is wrong with it, and is told so already
            return b""
        return data if isinstance(data, bytes) else b""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        express.raise_again(request.META)


class ScoreView(ScoringView):
    endpoint = "score"

    @schema.documented("score", "Score one event", shapes.ScoreRequest, shapes.ScoreAnswer, schema.SCORE)
    def post(self, request: Request) -> Response:
        """The score is stable when models change behind it; the probability is not."""
        return Response(serving().service.score_json(key_of(request), _body(request)))


class BatchView(ScoringView):
    endpoint = "batch"
    parser_classes = [BytesParser, media.NdjsonParser, media.ArrowParser]
    renderer_classes = [media.BatchRenderer, media.NdjsonRenderer, media.ArrowRenderer]
    content_negotiation_class = media.InKind

    @schema.documented(
        "score_batch", "Score many events", (shapes.BatchRequest, shapes.BatchTable), shapes.BatchAnswer, schema.BATCH,
        more={"table": schema.TABLE}, kinds=schema.BATCH_KINDS, parameters=schema.BATCH_PARAMETERS,
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """One result for each event, in order; bad events are refused by index and do not fail the good ones.

        Events come as JSON, NDJSON or an Arrow stream, by Content-Type; results go as Accept says, else in kind. JSON
        has objects (`events`), or rows of a table that names its columns once (`columns`, `data`), which is quicker.
        """
        return Response(_scored(key_of(request), request))


class LabelsView(ScoringView):
    endpoint = "labels"
    scope = "label"

    @schema.documented("label", "Report outcomes", shapes.LabelsRequest, shapes.LabelsAnswer, schema.LABELS, {404, 429})
    def post(self, request: Request) -> Response:
        """What events turned out to be, by event id: all of them are recorded, or none."""
        return Response(serving().service.label(key_of(request), shapes.decode(_body(request), shapes.LabelsRequest)))


def _scored(key: Key, request: Request) -> Answer:
    """The events of a batch, scored, in whichever way they came."""
    service, kind, named = serving().service, sent_as(request), request.query_params.get("intent", "")
    if kind == media.ARROW:
        events = stream.read(_body(request), service.max_events, settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
        return service.score_columns(key, intent_of(events, named), events)
    if kind == media.NDJSON:
        return service.score_batch(key, *ndjson.decode(_body(request), named, service.max_events))
    return service.score_batch_json(key, _body(request))


def _body(request: Request) -> bytes:
    data = request.data
    if isinstance(data, bytes) and data:
        return data
    if sent_as(request) == JSON:
        raise Unreadable("The body is empty. Send JSON.", title="Not JSON")
    raise Unreadable("The body is empty.")
