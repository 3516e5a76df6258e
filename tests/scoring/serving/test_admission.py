"""Whose turn it is: one at a time, fair between tenants by events, and no more than can be scored in time."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from scoring.serving import admission as module
from scoring.serving.admission import SLICE, Admission, pause, weigh
from tenants.refusals import TooManyRequests, Unavailable

ACME, BANK, CITY = 1, 2, 3
LARGE = 10 * SLICE


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def line(clock: Clock) -> Admission:
    """Of which a second's work is 10,000 events, until something is measured."""
    return Admission(seconds=10.0, slots=4, clock=clock)


class Line:
    """Requests in threads of their own, which note each slice of their work."""

    def __init__(self, admission: Admission) -> None:
        self.admission = admission
        self.done: list[str] = []
        self._threads: list[threading.Thread] = []

    def send(self, name: str, tenant: int, slices: int) -> None:
        """A request of so many slices, that stands in line when this returns."""
        events = slices * SLICE if slices > 1 else 1
        self._start(lambda: self._work(name, tenant, events, slices))

    def _work(self, name: str, tenant: int, events: int, slices: int) -> None:
        turn = self.admission.enter(tenant, events)
        for _ in range(slices):
            self.done.append(name)
            pause(SLICE)
        self.admission.leave(turn)

    def _start(self, work: Callable[[], None]) -> None:
        waiting = self.admission.waiting
        self._threads.append(threading.Thread(target=work))
        self._threads[-1].start()
        while self.admission.waiting == waiting:
            pass

    def join(self) -> None:
        for each in self._threads:
            each.join(30)


@contextmanager
def held(line: Admission) -> Iterator[Line]:
    """Somebody has the turn while requests come; at the end all of them have been worked on."""
    turn, requests = line.enter(CITY, 1), Line(line)
    yield requests
    line.leave(turn)
    requests.join()


def test_line__single_events__pass_a_large_request_that_came_before(line: Admission) -> None:
    with held(line) as requests:
        requests.send("large", ACME, 3)
        requests.send("single", BANK, 1)
        requests.send("own", ACME, 1)
    assert requests.done == ["large", "single", "own", "large", "large"]


def test_line__two_tenants_with_large_requests__share_by_events_and_not_by_requests(line: Admission) -> None:
    with held(line) as requests:
        requests.send("acme", ACME, 4)
        requests.send("acme", ACME, 4)
        requests.send("bank", BANK, 4)
    assert requests.done[:8].count("bank") == 4
    assert requests.done[8:] == ["acme"] * 4


def test_line__one_tenant__is_served_in_the_order_of_arrival(line: Admission) -> None:
    with held(line) as requests:
        for name in ("first", "second", "third"):
            requests.send(name, ACME, 3)
    assert requests.done == ["first"] * 3 + ["second"] * 3 + ["third"] * 3


def test_enter__more_in_flight_than_can_be_scored_in_time__is_unavailable_for_now(line: Admission) -> None:
    with held(line) as requests:
        requests.send("large", ACME, 90_000 // SLICE)  # of about 100,000 events in ten seconds
        with pytest.raises(Unavailable) as refusal:
            line.enter(ACME, 20_000)
        requests.send("smaller", ACME, 40)
    assert refusal.value.wait == module.RETRY_AFTER


def test_enter__more_than_its_part_while_another_has_some__is_too_much_and_the_other_is_let_in(
    line: Admission,
) -> None:
    with held(line) as requests:
        requests.send("acme", ACME, 40_000 // SLICE)
        requests.send("bank", BANK, 90_000 // SLICE)  # nothing in flight yet: whatever the size
        with pytest.raises(TooManyRequests):
            line.enter(ACME, 20_000)
        requests.send("single", ACME, 1)


def test_enter__more_large_requests_than_slots__are_refused_however_small(line: Admission) -> None:
    with held(line) as requests:
        for _ in range(4):
            requests.send("large", ACME, 2)
        with pytest.raises(Unavailable):
            line.enter(ACME, 2 * SLICE)


def test_enter__its_turn_does_not_come__gives_up_and_leaves_no_trace(clock: Clock) -> None:
    line = Admission(seconds=0.01, slots=1, clock=clock)
    turn = line.enter(ACME, 1)
    with pytest.raises(Unavailable):
        line.enter(BANK, LARGE)
    assert line.waiting == 0
    line.leave(turn)
    line.leave(line.enter(BANK, LARGE))


def test_leave__work_that_took_longer__lets_less_in(line: Admission, clock: Clock) -> None:
    for _ in range(200):
        turn = line.enter(ACME, LARGE)
        clock.now += LARGE / 100  # a hundred events a second
        line.leave(turn)
    with held(line) as requests:
        requests.send("large", ACME, 600 // SLICE)
        with pytest.raises(Unavailable):
            line.enter(ACME, 600)


def test_weigh__more_events_than_the_body_let_expect__count(line: Admission) -> None:
    turn = line.enter(ACME, SLICE + 1)
    weigh(100_000)
    with pytest.raises(Unavailable):
        line.enter(ACME, LARGE)
    line.leave(turn)


def test_weigh__few_that_are_many__stand_among_the_large_ones_and_within_their_bounds(line: Admission) -> None:
    turn = line.enter(ACME, 1)
    weigh(100_000)
    with pytest.raises(Unavailable):
        line.enter(ACME, LARGE)
    line.leave(turn)
    line.leave(line.enter(ACME, LARGE))  # nothing is left of it


def test_weigh__few_that_are_more_than_the_part_of_their_tenant__are_refused(line: Admission) -> None:
    refused: list[Exception] = []

    def hidden() -> None:
        turn = line.enter(ACME, 1)
        try:
            weigh(100_000)
        except Unavailable as error:
            refused.append(error)
        line.leave(turn)

    first = line.enter(ACME, LARGE)
    other = threading.Thread(target=hidden)
    other.start()
    while not line.waiting:
        pass
    pause(LARGE)
    other.join()
    line.leave(first)
    assert len(refused) == 1
    line.leave(line.enter(ACME, 99_000))


def test_working_since__while_nobody_works__is_none(line: Admission, clock: Clock) -> None:
    clock.now = 5.0
    turn = line.enter(ACME, LARGE)
    assert line.working_since() == 5.0
    clock.now = 6.0
    pause(SLICE)
    assert line.working_since() == 6.0
    line.leave(turn)
    assert line.working_since() is None


def test_pause_and_weigh__of_a_thread_without_a_turn__do_nothing() -> None:
    pause(SLICE)
    weigh(SLICE)


def test_turn__deadline_passes_between_slices__ends_the_work(line: Admission, clock: Clock) -> None:
    turn = line.enter(ACME, LARGE, seconds=1.0)
    clock.now = 0.9
    pause(SLICE)
    clock.now = 1.1
    with pytest.raises(Unavailable, match="time that the request gave itself"):
        pause(SLICE)
    line.leave(turn)
    assert line.working_since() is None


def test_turn__deadline_is_over_already__is_refused_before_any_work(line: Admission) -> None:
    with pytest.raises(Unavailable):
        line.enter(ACME, 1, seconds=0.0)
    line.leave(line.enter(ACME, 1, seconds=1.0))
