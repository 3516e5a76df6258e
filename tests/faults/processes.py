"""Faults of the product's own processes: killed, stopped, asked to end, renewed."""

import os
import signal
from collections.abc import Callable, Sequence

from muse_site.driving.client import wait
from tests.faults.fault import Fault
from tests.faults.hurting import OTHERS, SCORING, Hurt

IN_HAND = 8  # requests that a scoring process has at once: one for each connection of the clients
STOPPED_SECONDS = 12.0


def _signals(number: signal.Signals, words: Sequence[str], *, first: bool = False) -> Callable[[Hurt], None]:
    return lambda hurt: hurt.signal(number, *words, first=first)


def _signals_supervisor(number: signal.Signals) -> Callable[[Hurt], None]:
    return lambda hurt: os.kill(hurt.supervisor, number)


def _all_others(hurt: Hurt) -> None:
    for words in OTHERS.values():
        hurt.signal(signal.SIGKILL, *words)


def _deploy(hurt: Hurt) -> None:
    before = hurt.logged("everything is renewed")
    os.kill(hurt.supervisor, signal.SIGUSR1)
    wait(lambda: hurt.logged("everything is renewed") > before, "the deploy", 300.0, pause=1.0)


KILLS = [
    Fault(
        "kill -9 of a scoring process",
        _signals(signal.SIGKILL, SCORING, first=True),
        may_fail=IN_HAND,
        is_short=True,
    ),
    Fault(
        "SIGSTOP of a scoring process",
        _signals(signal.SIGSTOP, SCORING, first=True),
        may_fail=IN_HAND,
        is_short=True,
    ),
    Fault(
        "All scoring processes asked to end at once",
        _signals(signal.SIGTERM, SCORING),
        well_within=20.0,  # nobody serves until the next have started; requests wait for them
        is_short=True,
    ),
    *[Fault(f"kill -9 of the {name}", _signals(signal.SIGKILL, words)) for name, words in OTHERS.items()],
    *[
        Fault(f"SIGSTOP of the {name}", _signals(signal.SIGSTOP, words), seconds=STOPPED_SECONDS)
        for name, words in OTHERS.items()
    ],
    Fault(f"kill -9 of {', '.join(OTHERS)} at once", _all_others, is_short=True),
    Fault(
        "SIGSTOP of the supervisor, until it goes on after twelve seconds",
        _signals_supervisor(signal.SIGSTOP),
        _signals_supervisor(signal.SIGCONT),
        seconds=STOPPED_SECONDS,
    ),
    Fault("A deploy", _deploy),
]
