"""What the report of a swap for many tenants says."""

from argparse import Namespace
from collections import Counter

import pytest

from benchmarks.hundred_tenants import Swap, _as_text
from benchmarks.requests import Traffic


@pytest.mark.parametrize(
    ("proposing", "failed", "verdict"),
    [(300.0, [], "kept"), (599.0, [], "NOT KEPT"), (300.0, ["tenant-001: 503"], "NOT KEPT")],
)
def test_report__of_a_swap__keeps_the_promise_in_time_and_without_a_failed_request(
    proposing: float, failed: list[str], verdict: str
) -> None:
    traffic = Traffic([], 50.0, seconds=[0.004, 0.006], failed=failed)
    swap = Swap(proposing, 8.0, 2.0, {"line": 4.0}, Counter({"pass": 100}), 100, Counter(), traffic)
    text = _as_text(Namespace(tenants=100, events=50_000, per_second=50.0), swap)
    assert f"The promise is {verdict}." in text
    assert f"| **{proposing + 10:.1f} s** (promised: under 600 s) |" in text
    assert "100 pass" in text
