"""What is traced: requests of both services, tasks that are sent, and tasks that are done.

A span has the route of its request and never the address itself, in which there may be what opens an account. Traces
that have begun elsewhere are taken over (W3C's `traceparent`), and handed on with tasks.
"""

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from celery.signals import before_task_publish
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.propagate import extract, inject
from opentelemetry.propagators.textmap import Getter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, Status, StatusCode

from muse_site import logs
from muse_site.service.environ import Environ
from muse_site.service.heads import Lane, Plain
from muse_site.service.threads import Application
from tenants.asked import HEADER

Route = Callable[[Environ], str | None]  # of a request; None for one that is not traced
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Spans:
    """Makes spans by this provider."""

    def __init__(self, provider: TracerProvider) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("muse")

    @classmethod
    def sent_to(cls, endpoint: str, service: str) -> "Spans":
        """Of a service, sent by OTLP over HTTP; endpoint: "" for what OpenTelemetry's own variables say."""
        name = os.environ.get("OTEL_SERVICE_NAME") or service
        provider = TracerProvider(resource=Resource.create({"service.name": name}))
        exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces") if endpoint else OTLPSpanExporter()
        provider.add_span_processor(BatchSpanProcessor(exporter))
        spans = cls(provider)
        before_task_publish.connect(spans._hand_on, weak=False)
        logs.NAMES.append(_ids)
        return spans

    def flush(self) -> None:
        """Send what has not been sent yet."""
        self._provider.force_flush()

    def stop(self) -> None:
        """Send what has not been sent yet, and make no more."""
        before_task_publish.disconnect(self._hand_on)
        if _ids in logs.NAMES:
            logs.NAMES.remove(_ids)
        self._provider.shutdown()

    def wsgi(self, application: Application, route: Route) -> Application:
        """The application, each of whose requests is a span."""

        def answer(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
            found = route(environ)
            if found is None:
                return application(environ, start_response)
            method = environ["REQUEST_METHOD"] if environ["REQUEST_METHOD"] in _METHODS else "_OTHER"
            with self._tracer.start_as_current_span(
                f"{method} {found}".strip(), _parent(environ), SpanKind.SERVER, _asked(method, found)
            ) as span:
                return application(environ, _telling(span, start_response))

        return answer

    def lane(self, lane: Lane) -> Lane:
        """The lane, each of whose answers is a span. What it does not answer is one of the application's."""
        return _TracedLane(lane, self._tracer)

    @contextmanager
    def task(self, task: Any) -> Iterator[None]:
        """The span of a task that is done: of the trace in which it was sent."""
        parent = extract(task.request, getter=_OfTask())
        named = {"messaging.system": "celery", "messaging.message.id": task.request.id or "", "muse.task": task.name}
        with self._tracer.start_as_current_span(f"process {task.name}", parent, SpanKind.CONSUMER, named):
            yield

    def _hand_on(self, sender: Any = None, headers: Any = None, **_: Any) -> None:
        """A task that is sent is a span, too; the message says of which trace."""
        with self._tracer.start_as_current_span(f"publish {sender}", kind=SpanKind.PRODUCER):
            inject(headers)


class _TracedLane:
    def __init__(self, lane: Lane, tracer: trace.Tracer) -> None:
        self.beginning = lane.beginning
        self._lane = lane
        self._tracer = tracer
        _, path, _ = lane.beginning.decode().split(" ")
        self._name, self._attributes = f"POST {path}", _asked("POST", path)

    def plain(self, environ: Environ) -> Plain | None:
        found = self._lane.plain(environ)
        return found and _TracedPlain(found, self._span_of(_parent(environ)))

    def _span_of(self, parent: Context) -> Callable[[int, int], None]:
        """What makes a span of an answer that began at a time (nanoseconds), ends now and has this status."""

        def end(began: int, status: int) -> None:
            told = {**self._attributes, "http.response.status_code": status}
            self._tracer.start_span(self._name, parent, SpanKind.SERVER, told, start_time=began).end()

        return end


class _TracedPlain:
    def __init__(self, plain: Plain, end: Callable[[int, int], None]) -> None:
        self.length = plain.length
        self._plain = plain
        self._end = end

    def answer(self, body: bytes, caller: str, arrived: Callable[[], float]) -> bytes | Environ:
        began = time.time_ns()
        answer = self._plain.answer(body, caller, arrived)
        if isinstance(answer, bytes):
            self._end(began, int(answer[9:12]))  # after "HTTP/1.1 "
        return answer


class _OfRequest(Getter[Mapping[str, Any]]):
    """Headers as WSGI has them."""

    def get(self, carrier: Mapping[str, Any], key: str) -> list[str] | None:
        found = carrier.get(f"HTTP_{key.upper().replace('-', '_')}")
        return None if found is None else [found]

    def keys(self, carrier: Mapping[str, Any]) -> list[str]:
        return [name.removeprefix("HTTP_").lower().replace("_", "-") for name in carrier if name.startswith("HTTP_")]


class _OfTask(Getter[Any]):
    """Headers as a task's request has them: Celery makes attributes of them."""

    def get(self, carrier: Any, key: str) -> list[str] | None:
        found = getattr(carrier, key, None)
        return [found] if isinstance(found, str) else None

    def keys(self, carrier: Any) -> list[str]:
        return []


def _parent(environ: Environ) -> Context:
    return extract(environ, getter=_OfRequest())


def _asked(method: str, route: str) -> dict[str, Any]:
    return {"http.request.method": method, **({"http.route": route} if route else {})}


def _telling(span: Span, start_response: Callable[..., Any]) -> Callable[..., Any]:
    """Return a `start_response` that also tells the span what is answered."""

    def started(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
        span.set_attribute("http.response.status_code", int(status[:3]))
        if status.startswith("5"):
            span.set_status(Status(StatusCode.ERROR))
        for name, value in headers:
            if name == HEADER:
                span.set_attribute("muse.request_id", value)
        return start_response(status, headers, *error)

    return started


def _ids() -> Mapping[str, str]:
    """What lines in the log name the trace by."""
    found = trace.get_current_span().get_span_context()
    if not found.is_valid:
        return {}
    return {"trace_id": trace.format_trace_id(found.trace_id), "span_id": trace.format_span_id(found.span_id)}
