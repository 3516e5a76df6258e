"""Traces by OpenTelemetry, where a setting says where they go. Without it, nothing is imported, and nothing costs."""

import os
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

from django.conf import settings

from muse_site.environment import BadSetting

if TYPE_CHECKING:
    from muse_site.spans import Spans

SETTING = "MUSE_OTEL_ENDPOINT"
_STANDARD = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_of_process: "Spans | None" = None


def start(service: str) -> "Spans | None":
    """Begin to trace this process as one of a service, once; None where no setting asks for it. Not before a fork."""
    global _of_process
    if _of_process is not None:
        return _of_process
    endpoint: str = settings.ENV[SETTING]
    if not endpoint and not any(os.environ.get(name) for name in _STANDARD):
        return None
    try:
        from muse_site.spans import Spans
    except ImportError as error:
        raise BadSetting(f"{SETTING}: traces need the packages of requirements/otel.txt ({error})") from error
    _of_process = Spans.sent_to(endpoint, service)
    return _of_process


def stop() -> None:
    """Send what has not been sent yet, and trace no more."""
    global _of_process
    if _of_process is not None:
        _of_process.stop()
    _of_process = None


def of_task(task: Any) -> AbstractContextManager[Any]:
    """The span of a task that is done, as Celery has it."""
    return _of_process.task(task) if _of_process is not None else nullcontext()
