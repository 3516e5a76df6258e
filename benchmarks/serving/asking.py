"""Asks a service once, and knows whether it answers rightly."""

import http.client
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from benchmarks.serving.terms import ARROW, DOUBLES, MUSE, Question
from muse_site.driving.running import HOST

TOLERANCE = 1e-12
READ: dict[str, Callable[[bytes], Any]] = {
    ARROW: lambda content: pa.ipc.open_stream(content).read_all(),
    DOUBLES: lambda content: np.frombuffer(content),
}


class Refused(ValueError):
    """An answer that is none."""


def ask(question: Question, port: int, folder: Path) -> Any:
    """What the service answers. Raises Refused for any status but 200, OSError where nobody answers."""
    connection = http.client.HTTPConnection(HOST, port, timeout=30)
    headers = {"Content-Type": question.kind, "Authorization": f"Bearer {(folder / question.key).read_text()}"}
    try:
        connection.request("POST", question.path, (folder / question.file).read_bytes(), headers)
        response = connection.getresponse()
        content = response.read()
    finally:
        connection.close()
    if response.status != 200:
        raise Refused(f"{question.service}: {response.status} {content[:500]!r}")
    return READ.get(response.getheader("Content-Type", ""), msgspec.json.decode)(content)


def answers(question: Question, port: int, folder: Path) -> bool:
    """Whether it does already."""
    try:
        ask(question, port, folder)
    except (OSError, http.client.HTTPException, Refused):
        return False
    return True


def check(question: Question, port: int, folder: Path, beta: float) -> None:
    """Raises ValueError where a service does not give what the model alone gives for these events."""
    outputs = msgspec.json.decode((folder / f"{question.outputs}.json").read_bytes())[: question.events]
    expected = [_mean(each, beta) for each in outputs] if question.service.startswith(MUSE) else outputs
    found = question.read(ask(question, port, folder))
    if len(found) != len(expected) or any(abs(a - b) > TOLERANCE for a, b in zip(found, expected, strict=True)):
        raise ValueError(f"{question.service}: expected {expected[:3]}…, found {found[:3]}…")


def _mean(outputs: float | list[float], beta: float) -> float:
    """What MUSE makes of what its models give for one event."""
    each = outputs if isinstance(outputs, list) else [outputs]
    return sum(beta * y / (1.0 - (1.0 - beta) * y) for y in each) / len(each)
