"""The API's documentation: JSON schemas from the classes that read and write the bodies, with examples."""

from collections.abc import Callable, Mapping, Sequence, Set
from types import MappingProxyType
from typing import Any, TypeVar

import msgspec
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema

from scoring.api.media import ARROW, JSON, NDJSON
from scoring.serving import quotas
from scoring.serving import requests as shapes

PROBLEM = "application/problem+json"

SECURITY = {"apiKey": {"type": "http", "scheme": "bearer", "description": "An API key, `muse_<prefix>_<secret>`."}}

_AUTHENTICATION: Any = [{"apiKey": []}]

Method = TypeVar("Method", bound=Callable[..., Any])
Example = tuple[dict[str, Any], dict[str, Any]]
Kind = tuple[str, str]

_SHAPES = (
    shapes.ScoreRequest,
    shapes.ScoreAnswer,
    shapes.BatchRequest,
    shapes.BatchTable,
    shapes.EventScore,
    shapes.EventRefused,
    shapes.LabelsRequest,
    shapes.LabelsAnswer,
)
_BATCH_ANSWER_SCHEMA = {  # by hand, for msgspec describes no choice between two classes without tags
    "type": "object",
    "title": "BatchAnswer",
    "description": shapes.BatchAnswer.__doc__,
    "required": ["release", "results"],
    "properties": {
        "release": {"type": "integer"},
        "results": {
            "type": "array",
            "items": {"anyOf": [{"$ref": f"#/components/schemas/{name}"} for name in ("EventScore", "EventRefused")]},
        },
    },
}
_PROBLEM_SCHEMA = {
    "type": "object",
    "description": "What went wrong (RFC 9457), and in which field.",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {"type": "array", "items": {"$ref": "#/components/schemas/FaultInBatch"}},
    },
}
_ERRORS = {
    400: "The body cannot be read as what its `Content-Type` says.",
    401: "No key, or one that is unknown, expired or revoked.",
    403: "The key has not the scope that this needs, or may not be used from where the request came.",
    404: "The tenant has no such intent.",
    405: "Another method than POST.",
    413: "The body, or the number of its events, is over the limit, which is named.",
    415: "The body has a `Content-Type` or a `Content-Encoding` that is not read here.",
    422: "Something is missing, of the wrong type or outside its range; each field is named.",
    429: "The tenant's quota, which is named, or its part of a busy machine, is used up; `Retry-After` says for how "
    "many seconds.",
    500: "The service itself failed.",
    503: "No release is loaded, the predictor fails and nothing is declared to answer in its place, labels cannot be "
    "kept now, or more came than can be scored in time (`Retry-After`).",
}

_LIMITS = [
    OpenApiParameter(name, str, OpenApiParameter.HEADER, response=[200, 429], description=told)
    for name, told in {
        quotas.POLICY: 'The quota, where there is one, as `"tenant-second";q=100;w=1`: `q` events in `w` seconds.',
        quotas.LEFT: 'What is left of it, as `"tenant-second";r=42;t=1`: `r` events now, all of it in `t` seconds.',
    }.items()
]


def components() -> dict[str, Any]:
    """The schemas of all bodies, by name."""
    _, found = msgspec.json.schema_components(_SHAPES, ref_template="#/components/schemas/{name}")
    return {**found, "BatchAnswer": _BATCH_ANSWER_SCHEMA, "Problem": _PROBLEM_SCHEMA}


def require_bodies(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Say that a body must be sent, which drf-spectacular leaves out for schemas given as they are."""
    for operations in result["paths"].values():
        for operation in operations.values():
            if "requestBody" in operation:
                operation["requestBody"]["required"] = True
    return result


def documented(
    name: str,
    summary: str,
    request: type | tuple[type, ...],
    answer: type,
    examples: Example,
    without: Set[int] = frozenset(),
    kinds: Mapping[str, Kind] = MappingProxyType({}),
    parameters: Sequence[OpenApiParameter] = (),
    more: Mapping[str, Any] = MappingProxyType({}),
) -> Callable[[Method], Method]:
    """A decorator for a view's method: its bodies, an example of each, and all errors but those in `without`.

    request: one shape, or those of which a body has one; more: further examples of bodies, by name. kinds: other media
    types than JSON, with how a request and an answer look in them.
    """
    responses: dict[Any, Any] = {(200, JSON): OpenApiResponse(_reference(answer), "Done.")}
    responses |= {(200, kind): OpenApiResponse(_text(answered), "Done.") for kind, (_, answered) in kinds.items()}
    for status, meaning in _ERRORS.items():
        if status not in without:
            responses[status, PROBLEM] = OpenApiResponse({"$ref": "#/components/schemas/Problem"}, meaning)
    documenting: Callable[[Method], Method] = extend_schema(
        operation_id=name,
        summary=summary,
        tags=["scoring"],
        auth=_AUTHENTICATION,
        request={JSON: _either(request)} | {kind: _text(asked) for kind, (asked, _) in kinds.items()},
        parameters=parameters if 429 in without else [*parameters, *_LIMITS],
        responses=responses,
        examples=[
            OpenApiExample("request", examples[0], request_only=True, media_type=JSON),
            *(OpenApiExample(name, each, request_only=True, media_type=JSON) for name, each in more.items()),
            OpenApiExample("answer", examples[1], response_only=True, status_codes=["200"], media_type=JSON),
        ],
    )
    return documenting


def _text(described: str) -> dict[str, str]:
    return {"type": "string", "format": "binary", "description": described.replace("\n", " ")}


def _either(shapes: type | tuple[type, ...]) -> dict[str, Any]:
    return {"oneOf": [*map(_reference, shapes)]} if isinstance(shapes, tuple) else _reference(shapes)


def _reference(shape: type) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{shape.__name__}"}


_EVENT = {
    "event_id": "0193587e-6d2a-7c3b-9a55-3f2b8c6d1e90",
    "occurred_at": "2026-11-23T20:06:01Z",
    "context": {"channel": "web"},
    "features": {"amount": 57.16, "hour": 20},
}
_SCORE = {"event_id": _EVENT["event_id"], "score": 0.9312, "probability": 0.0841}
_TARGET = {"predictor": "cards@4", "transform": 17}
_REFUSED = {"index": 1, "errors": [{"field": "features.hour", "expected": "a whole number", "found": "nothing"}]}
SCORE = (
    {"intent": "card-payments", **_EVENT},
    {**_SCORE, "intent": "card-payments", **_TARGET, "release": 23},
)
BATCH = (
    {"intent": "card-payments", "events": [_EVENT, {"features": {"amount": 9.5}}]},
    {"release": 23, "results": [{**_SCORE, **_TARGET}, _REFUSED]},
)
TABLE = {
    "intent": "card-payments",
    "columns": ["event_id", "context.channel", "features.amount", "features.hour"],
    "data": [[_EVENT["event_id"], "web", 57.16, 20], [None, None, 9.5, None]],
}
LABELS = (
    {"labels": [{"intent": "card-payments", "event_id": _EVENT["event_id"], "label": 1}]},
    {"accepted": 1},
)
_ARROW_ASKED = """An Arrow IPC stream with a row for each event. Columns: `features.NAME` for each feature,
`context.NAME`, `event_id` (string), `occurred_at` (timestamp with a zone), `intent` (string, the same in all rows). In
place of the columns of features and of context there may be structures, `features` and `context`. Null is what was not
sent, or null where a feature allows that. Buffers must not be compressed."""
_ARROW_ANSWERED = """An Arrow IPC stream with a row for each event, in order: `event_id`, `score`, `probability`,
`predictor`, `transform`, `release`, `errors`. A row that was refused has `errors`, a list of structures of `field`,
`expected` and `found`, and null in all others but `release`. Where any row is
degraded there is a column more, `degraded`, a structure of `reason` and `by`, null in the others."""
_LINES_ASKED = "A line for each event, as it is scored by itself; without `intent` where the address names it."
_LINES_ANSWERED = "A line for each event, in order: an EventScore or an EventRefused, each with `release`."
BATCH_KINDS = {NDJSON: (_LINES_ASKED, _LINES_ANSWERED), ARROW: (_ARROW_ASKED, _ARROW_ANSWERED)}
BATCH_PARAMETERS = [
    OpenApiParameter(
        "intent",
        description="The intent of all events of a batch in NDJSON or Arrow, which then need not name it.",
    )
]
