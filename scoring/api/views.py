"""The scoring API: a score, a batch of scores, labels. What they do is the service's; these are its doors."""

import time
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from scoring.api import schema
from scoring.api.authentication import ApiKeyAuthentication, KeyHasScope, key_of
from scoring.api.media import AnswerRenderer, JsonOnly
from scoring.serving import express, metrics
from scoring.serving import requests as shapes
from scoring.serving.process import serving
from tenants.api.bodies import BodyView, BytesParser
from tenants.refusals import Unreadable


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
        return response

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

    @schema.documented("score_batch", "Score many events", shapes.BatchRequest, shapes.BatchAnswer, schema.BATCH)
    def post(self, request: Request) -> Response:
        """One result for each event, in order; bad events are refused by index and do not fail the good ones."""
        return Response(serving().service.score_batch_json(key_of(request), _body(request)))


class LabelsView(ScoringView):
    endpoint = "labels"
    scope = "label"

    @schema.documented("label", "Report outcomes", shapes.LabelsRequest, shapes.LabelsAnswer, schema.LABELS, {404, 429})
    def post(self, request: Request) -> Response:
        """What events turned out to be, by event id: all of them are recorded, or none."""
        return Response(serving().service.label(key_of(request), shapes.decode(_body(request), shapes.LabelsRequest)))


def _body(request: Request) -> bytes:
    data = request.data
    if isinstance(data, bytes) and data:
        return data
    raise Unreadable("The body is empty. Send JSON.", title="Not JSON")
