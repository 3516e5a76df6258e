"""Any schedule of crashes and failing calls keeps the law; `schedules.py` says how to play many, or one again."""

import pytest

from tests.scoring.simulation.schedules import SEEDS, broken_by, play

FORMS = {
    "killed": (False, False),
    "power lost": (True, False),
    "machine's power lost": (True, True),  # while the lake is elsewhere
}


@pytest.mark.parametrize(("fsync", "elsewhere"), FORMS.values(), ids=FORMS)
def test_events__any_schedule_of_crashes_and_failing_calls__are_kept_once_everywhere(
    fsync: bool, elsewhere: bool
) -> None:
    found = broken_by(SEEDS, fsync=fsync, elsewhere=elsewhere)
    assert dict(list(found.items())[:5]) == {}, f"{len(found)} of {len(SEEDS)} seeds"


def test_schedule__of_one_seed__is_the_same_each_time() -> None:
    for seed in range(5):
        assert play(seed, fsync=True) == play(seed, fsync=True)
