"""The soak, in a short form in which no figure is judged, and what it takes for a leak."""

import math
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from benchmarks import soak
from benchmarks.soak_growth import Bound, growth
from benchmarks.soak_samples import Sample
from muse_site.driving.client import GaveUp

BOUND = Bound(per_hour=32.0, at_least=12.0)
HOURS = [number / 720 for number in range(360)]  # half an hour, every five seconds


def sample(memory: float = 100.0, pid: int = 7) -> Sample:
    return Sample(
        {"scoring-1": memory}, {"scoring-1": 20.0}, 9.0, {"muse_event": 3.0}, 1.0, 0.1, 5.0, {"scoring-1": pid}
    )


def noisy(seed: int, deviation: float) -> Iterator[tuple[float, float]]:
    """Each hour with the noise of its sample."""
    return zip(HOURS, np.random.default_rng(seed).normal(0.0, deviation, len(HOURS)).tolist(), strict=True)


def found_of(samples: list[Sample], *, failed: list[str] | None = None, kept: int = 10) -> soak.Found:
    timed = [(number / 3600, each) for number, each in enumerate(samples)]
    return soak._found(len(samples) / 60, timed, Counter({"labels": 3}), failed or [], 10, kept)


def test_growth__of_a_leak_in_noise__is_found_and_exceeds_its_bound() -> None:
    noise = np.random.default_rng(1).normal(0.0, 3.0, len(HOURS))
    found = growth(HOURS, [200.0 + 50.0 * at + each for at, each in zip(HOURS, noise, strict=True)])
    assert found.per_hour == pytest.approx(50.0, abs=5.0)
    assert found.exceeds(BOUND)


def test_growth__of_noise_and_some_peaks__is_none() -> None:
    values = 200.0 + np.random.default_rng(2).normal(0.0, 3.0, len(HOURS))
    values[-30::10] += 400.0
    found = growth(HOURS, values.tolist())
    assert abs(found.per_hour) < 5.0
    assert not found.exceeds(BOUND)


@pytest.mark.parametrize("seed", range(5))
def test_growth__that_slows_down_to_nothing__is_no_leak(seed: int) -> None:
    """As the heap of a process that has just begun: 90 MiB more within ten minutes, and then none."""
    found = growth(HOURS, [600.0 - 90.0 * math.exp(-15.0 * at) + each for at, each in noisy(seed, 8.0)])
    assert found.low > BOUND.per_hour
    assert not found.exceeds(BOUND)


@pytest.mark.parametrize("seed", range(5))
def test_growth__that_slows_down_to_a_leak__exceeds_its_bound(seed: int) -> None:
    """A cache that fills hides no leak under it."""
    found = growth(HOURS, [600.0 - 90.0 * math.exp(-15.0 * at) + 80.0 * at + each for at, each in noisy(seed, 8.0)])
    assert found.exceeds(BOUND)


@pytest.mark.parametrize("seed", range(5))
def test_growth__by_steps__exceeds_its_bound(seed: int) -> None:
    """Memory is often taken in pieces of several MiB."""
    found = growth(HOURS, [80.0 + 4.0 * (at * 20.0 // 1.0) + each for at, each in noisy(seed, 0.5)])
    assert found.exceeds(BOUND)


def test_growth__steep_but_small_in_all__does_not_exceed_its_bound() -> None:
    found = growth([0.0, 0.001, 0.002, 0.003, 0.004], [1.0, 2.0, 3.0, 4.0, 5.0])
    assert found.per_hour == pytest.approx(1000.0)
    assert not found.exceeds(BOUND)


def test_growth__of_too_few_samples__is_refused() -> None:
    with pytest.raises(GaveUp, match="3 samples after the warm-up"):
        found_of([sample()] * 4)


def test_soak__without_growth__is_well() -> None:
    found = found_of([sample()] * 40)
    assert found.broken() == []
    assert "Nothing grows beyond its bound." in soak.as_text(found)
    assert "| memory, MiB | scoring-1 | 100 | 100 | +0.0 | +0.0 to +0.0 | +0.0 | 32 |" in soak.as_text(found)


@pytest.mark.parametrize(
    ("samples", "failed", "kept", "why"),
    [
        ([sample(100.0 + number) for number in range(40)], [], 10, "memory of scoring-1 grow by 3600.0 an hour"),
        ([sample()] * 30 + [sample(pid=8)] * 10, [], 10, "scoring-1 was started again"),
        ([sample()] * 40, ["labels: 500"], 10, "1 acts failed; the first: labels: 500"),
        ([sample()] * 40, [], 9, "10 events were answered, and 9 are kept"),
    ],
)
def test_soak__not_as_it_must_be__is_told(samples: list[Sample], failed: list[str], kept: int, why: str) -> None:
    found = found_of(samples, failed=failed, kept=kept)
    assert [each.startswith(why) for each in found.broken()] == [True]
    assert why in soak.as_text(found)


def test_report__written_twice__has_the_last_table_between_its_marks(tmp_path: Path) -> None:
    document = tmp_path / "reliability.md"
    document.write_text("before\n<!-- soak: begin -->\n<!-- soak: end -->\nafter\n")
    soak._write(document, "one")
    soak._write(document, "two")
    assert document.read_text() == "before\n<!-- soak: begin -->\n\ntwo\n<!-- soak: end -->\nafter\n"


@pytest.mark.live
def test_soak__for_a_minute__does_all_kinds_of_work_and_keeps_what_was_answered(tmp_path: Path) -> None:
    found = soak.soak(1.2, 1.0, tmp_path / "product.log", tenants=2, swaps_every=2.0)
    print(soak.as_text(found))
    kinds = ("single events", "events in batches", "labels", "looks", "fits", "releases", "roll backs")
    assert [kind for kind in kinds if not found.done.get(kind)] == []
    assert found.failed == []
    assert found.restarted == []
    assert found.kept == found.answered
    assert {"scoring-1", "scoring-2", "console", "consumer", "worker", "postgres", "supervisor"} <= set(
        found.growths["memory"]
    )
    assert all(growth.last > 0.0 for kind in ("memory", "files") for growth in found.growths[kind].values())
