"""Cuts a long batch of JSON into pieces of some rows each, for what reads JSON lets nobody else work meanwhile.

Where a row ends is guessed, by what stands between two. Reading shows whether that was right: a text up to a cut that
lies in a row or in a string is no list of rows, so that all pieces can be read only where all cuts are between rows.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

SHORT = 64 << 10  # bytes, which are read in a fifth of a millisecond
_BETWEEN = re.compile(rb"(?<=[}\]])\s*,\s*(?=[{\[])")
_END = re.compile(rb'\]\s*(?:,\s*"intent"\s*:\s*"[^"\\]+"\s*)?\}\s*\Z')
_LONGEST_END = 200  # bytes in which that is looked for


class Pieces(NamedTuple):
    """`frame`: the batch as if it had no rows; `rows`: lists of them that are it together, in order."""

    frame: bytes
    rows: Iterator[bytes]


def pieces(body: bytes, begin: re.Pattern[bytes]) -> Pieces | None:
    """The pieces of a batch; None where it does not look like one. `begin`: finds where the first of its rows is."""
    first, last = begin.search(body), _END.search(body, max(0, len(body) - _LONGEST_END))
    if first is None or last is None or first.end() > last.start():
        return None
    return Pieces(body[: first.end()] + body[last.start() :], _lists(body, first.end(), last.start()))


def _lists(body: bytes, start: int, end: int) -> Iterator[bytes]:
    while cut := _BETWEEN.search(body, start + SHORT, end):
        yield b"[%b]" % body[start : cut.start()]
        start = cut.end()
    yield b"[%b]" % body[start:end]
