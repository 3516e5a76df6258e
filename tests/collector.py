"""A collector of traces that really listens, and reads what it is sent as OTLP has it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.receivers import Receiver, receiving


@dataclass(frozen=True)
class Received:
    """A span; ids in hexadecimal digits, `parent`: "" for none. `kind`: as OTLP numbers it."""

    service: str
    name: str
    trace: str
    id: str
    parent: str
    kind: int
    status: int
    attributes: dict[str, Any]
    nanoseconds: int


@dataclass(frozen=True)
class Collector:
    receiver: Receiver

    @property
    def endpoint(self) -> str:
        return self.receiver.url.removesuffix("/hook")

    @property
    def spans(self) -> list[Received]:
        """All that came so far."""
        found = []
        for path, headers, body in list(self.receiver.calls):
            assert (path, headers["content-type"]) == ("/v1/traces", "application/x-protobuf")
            for group in ExportTraceServiceRequest.FromString(body).resource_spans:
                service = _values(group.resource.attributes)["service.name"]
                found += [_received(service, each) for scope in group.scope_spans for each in scope.spans]
        return found


@contextmanager
def collecting() -> Iterator[Collector]:
    with receiving() as receiver:
        yield Collector(receiver)


def _received(service: str, span: Any) -> Received:
    ids = span.trace_id.hex(), span.span_id.hex(), span.parent_span_id.hex()
    took = span.end_time_unix_nano - span.start_time_unix_nano
    return Received(service, span.name, *ids, span.kind, span.status.code, _values(span.attributes), took)


def _values(attributes: Any) -> dict[str, Any]:
    return {each.key: getattr(each.value, each.value.WhichOneof("value")) for each in attributes}
