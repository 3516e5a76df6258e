"""A process that is busy with lawful work is told from one that is stuck."""

import pytest

from scoring.serving.stuck import Stuck


class Times:
    now = computed = 0.0
    since: float | None = None

    def pass_by(self, seconds: float, computing: float) -> None:
        self.now += seconds
        self.computed += seconds * computing


@pytest.fixture
def times() -> Times:
    return Times()


@pytest.fixture
def stuck(times: Times) -> Stuck:
    return Stuck(lambda: times.since, clock=lambda: times.now, computed=lambda: times.computed)


def after(stuck: Stuck, times: Times, seconds: int, computing: float) -> bool:
    """Looked at every quarter of a second, all of it in one slice."""
    times.since = times.now
    looks = []
    for _ in range(4 * seconds + 1):
        looks.append(stuck.look())
        times.pass_by(0.25, computing)
    return any(looks)


def test_stuck__a_slice_that_waits__is_found_within_five_seconds(stuck: Stuck, times: Times) -> None:
    assert not after(stuck, times, 3, computing=0.0)
    assert after(stuck, times, 5, computing=0.001)


def test_stuck__a_slice_that_computes__is_given_longer(stuck: Stuck, times: Times) -> None:
    assert not after(stuck, times, 15, computing=0.2)
    assert after(stuck, times, 25, computing=1.0)


def test_stuck__many_slices__are_work_however_long_it_takes(stuck: Stuck, times: Times) -> None:
    for _ in range(20):
        assert not after(stuck, times, 3, computing=0.0)


def test_stuck__nothing_to_do__is_not(stuck: Stuck, times: Times) -> None:
    times.pass_by(100.0, 0.0)
    assert not stuck.look()
