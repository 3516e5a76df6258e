"""Remembering ids: the same answers as keeping everything."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scoring.lake.recent import RecentIds, hashes

WINDOW = 10
batches = st.lists(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 3)), max_size=8), max_size=8)


@given(batches)
def test_recent_ids__batches_in_time__agree_with_a_plain_search(parts: list[list[tuple[str, int]]]) -> None:
    recent, accepted, now = RecentIds(), [], 0
    for part in parts:
        rows = []
        for name, step in part:
            now += step
            rows.append((name, now))
        expected = []
        for place, (name, at) in enumerate(rows):
            if any(name == other and at - had < WINDOW for other, had in accepted):
                expected.append(place)
            else:
                accepted.append((name, at))
        ids, times = [name for name, _ in rows], [at for _, at in rows]
        hashed, at = hashes(ids, len(ids)), np.array(times, np.int64)
        found = recent.repeated(hashed, at, WINDOW)
        assert np.flatnonzero(found).tolist() == expected
        recent.add(hashed[~found], at[~found], WINDOW)


def test_recent_ids__long_run__forgets_what_is_older_than_the_window() -> None:
    recent = RecentIds()
    for start in range(0, 100_000, 100):
        recent.add(hashes(str(start + n) for n in range(100)), np.arange(start, start + 100), 1000)
    assert len(recent) < 10_000
    assert recent.repeated(hashes(["99500", "1"]), np.array([100_001, 100_001]), 1000).tolist() == [True, False]
