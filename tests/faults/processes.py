"""Faults of the product's own processes: killed, stopped, asked to end, renewed; and of their supervisor."""

import os
import signal
from collections.abc import Callable, Sequence
from math import inf

from muse_site.driving.client import wait
from tests.faults.evidence import another_supervisor, both, replaced, supervisor_stopped
from tests.faults.fault import Fault
from tests.faults.hurting import OTHERS, SCORING, Hurt, signal_all

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


def _kill_supervisor(hurt: Hurt) -> None:
    """Its processes end by themselves, for they are told of its death; whoever does not is ended by the next one."""
    before = hurt.pids()
    os.kill(hurt.supervisor, signal.SIGKILL)
    hurt.start_again()
    wait(lambda: not set(before) & set(hurt.pids()), "the processes of the killed supervisor to end", 60.0)


def _kill_everything(hurt: Hurt) -> None:
    signal_all(signal.SIGKILL, hurt.pids())
    hurt.start_again()


KILLS = [
    Fault(
        "kill -9 of a scoring process",
        _signals(signal.SIGKILL, SCORING, first=True),
        took_hold=replaced(SCORING, first=True),
        may_fail=IN_HAND,
        is_short=True,
    ),
    Fault(
        "SIGSTOP of a scoring process",
        _signals(signal.SIGSTOP, SCORING, first=True),
        took_hold=replaced(SCORING, first=True),
        may_fail=IN_HAND,
        is_short=True,
    ),
    Fault(
        "All scoring processes asked to end at once",
        _signals(signal.SIGTERM, SCORING),
        took_hold=replaced(SCORING),
        well_within=20.0,  # nobody serves until the next have started; requests wait for them
        is_short=True,
    ),
    *[
        Fault(f"kill -9 of the {name}", _signals(signal.SIGKILL, words), took_hold=replaced(words))
        for name, words in OTHERS.items()
    ],
    *[
        Fault(
            f"SIGSTOP of the {name}",
            _signals(signal.SIGSTOP, words),
            took_hold=replaced(words),
            seconds=STOPPED_SECONDS,
        )
        for name, words in OTHERS.items()
    ],
    Fault(f"kill -9 of {', '.join(OTHERS)} at once", _all_others, took_hold=replaced(*OTHERS.values()), is_short=True),
    Fault(
        "SIGSTOP of the supervisor, until it goes on after twelve seconds",
        _signals_supervisor(signal.SIGSTOP),
        _signals_supervisor(signal.SIGCONT),
        took_hold=supervisor_stopped,
        seconds=STOPPED_SECONDS,
    ),
    Fault("A deploy", _deploy, took_hold=replaced(SCORING, *OTHERS.values())),
]
# Its sockets end with it: requests fail from then on, until the supervisor that is started again serves.
SUPERVISOR = [
    Fault(
        "kill -9 of the supervisor, started again at once",
        _kill_supervisor,
        took_hold=another_supervisor,
        may_fail=inf,
        well_within=60.0,
        is_short=True,
    ),
    Fault(
        "kill -9 of the supervisor and of all its processes at once, started again at once",
        _kill_everything,
        took_hold=both(another_supervisor, replaced(SCORING, *OTHERS.values())),
        may_fail=inf,
        well_within=60.0,
    ),
]
