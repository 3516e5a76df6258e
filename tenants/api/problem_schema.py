"""How the API's documentation says refusals: any of an operation's is a problem document."""

from collections.abc import Iterator
from typing import Any

from tenants.problem_documents import CONTENT_TYPE, TITLES

PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "What went wrong (RFC 9457), and in which field.",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "expected"],
                "properties": {name: {"type": "string"} for name in ("field", "expected", "found")},
            },
        },
    },
}
ANYWHERE = (401, 403, 404, 405)
OF_WRITING = (400, 409, 413, 415, 422, 429, 503)
OF_ASKING = (422, 503)  # where there is something to ask by


def document_problems(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Add what each operation can refuse with, and the shape of it."""
    result["components"]["schemas"]["Problem"] = PROBLEM
    for operations in result["paths"].values():
        for method, operation in operations.items():
            for status in _statuses(method, operation):
                operation["responses"].setdefault(str(status), _response(status))
    return result


def tell_null_from_anything(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Say `anyOf` where a value may be null: in a `oneOf` beside a value of any kind, null would be two of them."""
    for schema in _schemas(result):
        if {"type": "null"} in schema.get("oneOf", ()):
            schema["anyOf"] = schema.pop("oneOf")
    return result


def _schemas(part: Any) -> Iterator[dict[str, Any]]:
    """All objects in a part of a document."""
    if isinstance(part, dict):
        yield part
    for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from _schemas(inner)


def _statuses(method: str, operation: dict[str, Any]) -> Iterator[int]:
    yield from ANYWHERE
    if method != "get":
        yield from OF_WRITING
    elif any(each["in"] == "query" for each in operation.get("parameters", ())):
        yield from OF_ASKING


def _response(status: int) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": f"{TITLES[status]}.", "content": {CONTENT_TYPE: {"schema": schema}}}
