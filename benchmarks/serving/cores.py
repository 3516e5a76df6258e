"""The machine's cores, divided between a service and its clients, so that neither takes time from the other."""

import os
from collections.abc import Iterator, Set
from contextlib import contextmanager


def halves() -> tuple[set[int], set[int]]:
    """The cores of a service and those of its clients; where there is but one, both have it."""
    cores = sorted(os.sched_getaffinity(0))
    half = len(cores) // 2
    return set(cores[:half] or cores), set(cores[half:])


@contextmanager
def on(cores: Set[int]) -> Iterator[None]:
    """This thread, and what it starts meanwhile, run on these alone."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
