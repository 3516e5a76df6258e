"""Logging: structlog renders every line, of the product and of its libraries, for people or for log collectors."""

from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

import structlog

from tenants import asked

NAMES: list[Callable[[], Mapping[str, str]]] = [asked.ids]  # what a line is written for; traces add theirs
_TALKATIVE = ("axes", "botocore", "django.db.backends", "httpx")


def logging_config(form: str) -> dict[str, Any]:
    """A dictConfig that writes to standard error; `form` is "console" or "json"."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        _name_what_is_done,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    last: Any = structlog.processors.JSONRenderer() if form == "json" else structlog.dev.ConsoleRenderer(colors=False)
    finish = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.format_exc_info, last]
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "processors": finish,
        "foreign_pre_chain": shared,
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"structlog": formatter},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structlog"}},
        "root": {"handlers": ["stderr"], "level": "INFO"},
        "loggers": {name: {"level": "WARNING"} for name in _TALKATIVE},
    }


def _name_what_is_done(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Add the ids of the request, the event, the task or the trace that a line is written for."""
    for names in NAMES:
        for name, value in names().items():
            event.setdefault(name, value)
    return event
