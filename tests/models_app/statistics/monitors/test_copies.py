"""Alerts near known fraud: as many as usual are quiet; copies are found within hours."""

import numpy as np
import pytest

from models_app.statistics.monitors import copies, deciding, look, sequential
from models_app.statistics.monitors.copies import Library, Watch
from models_app.statistics.monitors.distribution import HOURS
from scoring.engine.signatures import COUNT

LIMIT = sequential.limit(look.BUDGET["copies"])
FIRST = 20_000 * HOURS
WEEKS = 28 * HOURS


def library(rng: np.random.Generator) -> Library:
    return rng.integers(0, 2**32, (500, COUNT), dtype=np.uint32)


def alerts(rng: np.random.Generator, known: Library, count: int, near: float) -> list[list[int]]:
    """So many, of which a share has one signature in common with known fraud."""
    found = rng.integers(0, 2**32, (count, COUNT), dtype=np.uint32)
    for row in np.flatnonzero(rng.random(count) < near):
        found[row, rng.integers(COUNT)] = known[rng.integers(len(known)), 0]
        place = rng.integers(COUNT)
        found[row, place] = known[rng.integers(len(known)), place]
    return found.tolist()


def watched(rng: np.random.Generator, known: Library, near: float = 0.02) -> Watch:
    watch = Watch()
    for hour in range(WEEKS):
        watch = watch.after(FIRST + hour, alerts(rng, known, int(rng.poisson(6)), near), known)
    return watch.anew()


@pytest.mark.parametrize("seed", range(4))
def test_watch__of_as_many_as_usual__is_quiet_for_months(seed: int) -> None:
    rng = np.random.default_rng(seed)
    known = library(rng)
    watch = watched(rng, known)
    for hour in range(WEEKS, 4 * WEEKS):
        watch = watch.after(FIRST + hour, alerts(rng, known, int(rng.poisson(6)), 0.02), known)
        assert watch.sum < LIMIT


def test_watch__of_copies_among_the_alerts__says_so_within_hours_and_since_when() -> None:
    rng = np.random.default_rng(1)
    known = library(rng)
    watch = watched(rng, known)
    for hour in range(WEEKS, WEEKS + 24):
        watch = watch.after(FIRST + hour, alerts(rng, known, int(rng.poisson(6)), 0.25), known)
        if watch.sum >= LIMIT:
            break
    assert hour - WEEKS < 12
    share, since = watch.likeliest
    assert share in (0.1, 0.3)
    assert FIRST + WEEKS <= since <= FIRST + WEEKS + 4
    (signal,) = (each for each in look.signals(look.Watches(alike=watch), [], look.Known(0)) if each.of == "copies")
    finding = deciding.found([signal], 1.0, lambda each: pytest.fail("what it is needs no telling"))
    assert finding is not None
    assert finding.kind == deciding.Kind.RISK


def test_watch__of_less_than_a_week__says_nothing_yet() -> None:
    rng = np.random.default_rng(1)
    known, watch = library(rng), Watch()
    for hour in range(6 * HOURS):
        watch = watch.after(FIRST + hour, alerts(rng, known, 6, 0.5), known)
    assert watch.sum == 0.0
    assert len(watch.days) == 6


def test_watch__of_a_library_that_has_grown__says_nothing_until_it_is_known_how_many_are_usual() -> None:
    rng = np.random.default_rng(1)
    known = library(rng)
    watch = watched(rng, known[:300])
    for hour in range(WEEKS, WEEKS + 6 * HOURS):
        watch = watch.after(FIRST + hour, alerts(rng, known, 6, 0.2), known)
    assert watch.sum == 0.0
    assert watched(rng, known[:450]).after(FIRST + WEEKS, alerts(rng, known, 6, 0.2), known).sum > 0.0


def test_watch__without_a_library_or_alerts__stays_as_it_was() -> None:
    rng = np.random.default_rng(1)
    known = library(rng)
    watch = Watch().after(FIRST, alerts(rng, known, 6, 0.5), known)
    assert watch.after(FIRST + 1, [], known) == watch
    assert watch.after(FIRST + 1, alerts(rng, known, 6, 0.5), known[:0]) == watch


def test_watch__of_alerts_that_share_several_signatures__needs_fewer_of_them() -> None:
    """One an hour beside six others, of which some share one signature: what shares several says more."""
    rng = np.random.default_rng(1)
    known = library(rng)
    usual = Watch(days={FIRST // HOURS + day: (144, 14, 0, len(known)) for day in range(28)})

    def sum_after(copied: list[int]) -> float:
        watch = usual
        for hour in range(WEEKS, WEEKS + 4):
            watch = watch.after(FIRST + hour, [*alerts(rng, known, 6, 0.0), copied], known)
        return watch.sum

    one = [1] * (COUNT - 1) + [int(known[5, -1])]
    assert sum_after(known[5].tolist()) > LIMIT > sum_after(one)


def test_shared_signatures__of_alerts__are_counted_at_their_own_places() -> None:
    known = np.arange(2 * COUNT, dtype=np.uint32).reshape(2, COUNT)
    elsewhere = np.roll(known[0], 1).tolist()
    one = [99] * (COUNT - 1) + [int(known[1, -1])]
    found = copies.shared_signatures([elsewhere, one, known[0].tolist(), [99] * COUNT], known)
    assert found.tolist() == [0, 1, COUNT, 0]
