"""Rows as text."""

from collections.abc import Iterator, Sequence
from typing import Any


def as_text(found: dict[str, Any]) -> str:
    """A row of the table, with what it was held against."""
    return "\n".join(_lines(found))


def _lines(found: dict[str, Any]) -> Iterator[str]:
    yield f"{found['row']} ({found['ours']} to {found['other']}, {found['events']} events a request)"
    for place, each in enumerate(found["figures"]):
        wanted = "" if place else f"   wanted {found['wanted']}"
        yield f"  {each['name']:24} {each['ours']:10.1f} {each['other']:10.1f}   {told(each['ratio'])}{wanted}"
    yield f"  {'failures':24} {found['failures'][0]:10d} {found['failures'][1]:10d}"
    if "rate" in found:
        yield f"  at {found['rate']:.0f} requests a second"
    if "lag" in found:
        yield (
            f"  {found['seconds']} s; {found['lost']} events lost; the last event of a commit came "
            f"{found['lag']:.1f} s late at most, in {found['commits']} commits; a flush is {found['flush']:.1f} s"
        )
    if found["lacks"]:
        yield f"  {found['lacks']}"


def told(spread: Sequence[float]) -> str:
    """A median with its spread."""
    middle, low, high = spread
    return f"{middle:.2f} × ({low:.2f} to {high:.2f})"
