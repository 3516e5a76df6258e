"""What is logged meanwhile, as a log collector gets it."""

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from muse_site.logs import logging_config


@contextmanager
def logged() -> Iterator[list[dict[str, Any]]]:
    """Lines are in the list once the block has ended."""
    options = dict(logging_config("json")["formatters"]["structlog"])
    handler, lines = logging.StreamHandler(io.StringIO()), list[dict[str, Any]]()
    handler.setFormatter(options.pop("()")(**options))
    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.INFO)  # a worker that ran in this process before has raised it for all
    root.addHandler(handler)
    try:
        yield lines
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
        lines.extend(json.loads(line) for line in handler.stream.getvalue().splitlines())
