"""Requests of an OpenAPI document: a good body of each operation, and every place in it for something else."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Json = Any
Place = tuple[str | int, ...]
MARK = "\N{SNOWMAN}"  # stands in a body's text where something else is put
DEEPEST = 4


@dataclass(frozen=True)
class Operation:
    """One method of one path: its parameters' names, by where they are, and a body that has all of its fields."""

    method: str
    path: str
    queries: tuple[str, ...]
    body: Json
    media_type: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def bodies(self, fragment: str) -> Iterator[tuple[str, str]]:
        """The body's text with this JSON at each place in turn, and once under a name of its own: (place, text)."""
        for place in ((), *_places(self.body)):
            yield str(place), json.dumps(_put(self.body, place, MARK)).replace(json.dumps(MARK), fragment)
        if isinstance(self.body, dict) and fragment.startswith('"'):
            yield "a name", json.dumps(self.body | {MARK: 1}).replace(json.dumps(MARK), fragment)


def operations(document: Mapping[str, Json], known: Mapping[str, Json]) -> list[Operation]:
    """All of a document's. `known`: good values, by the names of fields."""
    return [
        _operation(_Examples(document, known), path, method, found)
        for path, methods in document["paths"].items()
        for method, found in methods.items()
    ]


def _operation(examples: "_Examples", path: str, method: str, found: Mapping[str, Json]) -> Operation:
    content = found.get("requestBody", {}).get("content", {})
    media_type, body = next(((kind, each["schema"]) for kind, each in content.items()), ("", None))
    queries = tuple(each["name"] for each in found.get("parameters", ()) if each["in"] == "query")
    example = None if body is None else examples.of(body, DEEPEST)
    return Operation(method.upper(), path, queries, example, media_type)


@dataclass(frozen=True)
class _Examples:
    """Values with every field that there is."""

    document: Mapping[str, Json]
    known: Mapping[str, Json]

    def of(self, schema: Mapping[str, Json], depth: int) -> Json:
        if "$ref" in schema:
            return self.of(self.document["components"]["schemas"][schema["$ref"].rpartition("/")[2]], depth)
        for kind in ("oneOf", "anyOf", "allOf"):
            if kind in schema:
                return self.of(schema[kind][0], depth)
        if "enum" in schema or "const" in schema:
            return schema.get("const", schema.get("enum", [None])[0])
        type_ = schema.get("type", "string")
        type_ = type_[0] if isinstance(type_, list) else type_
        if type_ == "object":
            return self._object(schema, depth)
        if type_ == "array":
            return [self.of(schema["items"], depth - 1)] if depth else []
        text = "2026-11-23T20:06:01Z" if schema.get("format") == "date-time" else "card-payments"
        return {"integer": 1, "number": 0.5, "boolean": True, "null": None}.get(type_, text)

    def _object(self, schema: Mapping[str, Json], depth: int) -> Json:
        fields = schema.get("properties", {}).items()
        content = {name: self.known[name] if name in self.known else self.of(each, depth - 1) for name, each in fields}
        others = schema.get("additionalProperties")
        if not content and depth and isinstance(others, dict):
            return {self.known.get("intent", "other"): self.of(others, depth - 1)}
        return content


def _places(body: Json) -> Iterator[Place]:
    inner = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for key, each in inner:
        yield (key,)
        yield from ((key, *place) for place in _places(each))


def _put(body: Json, place: Place, value: Json) -> Json:
    if not place:
        return value
    copy = dict(body) if isinstance(body, dict) else list(body)
    copy[place[0]] = _put(body[place[0]], place[1:], value)
    return copy
