"""Processes of background tasks that have taken more memory than they may: fresh ones go on, and nothing is lost."""

from pathlib import Path

import pytest

from models_app.transforms.models import Fit
from muse_site.driving.client import wait
from muse_site.driving.running import Product
from tests.factories import serve
from tests.live.test_kills import celery_workers, long_fit, state_of

pytestmark = pytest.mark.live


@pytest.mark.parametrize("product", [{"MUSE_CELERY_MAX_BYTES": str(1 << 27)}], indirect=True)
def test_worker__whose_processes_have_taken_much_memory__does_its_work_once_and_goes_on_in_fresh_ones(
    product: Product, tmp_path: Path
) -> None:
    first = set(celery_workers(tmp_path / "data"))
    fit = long_fit(serve(), tmp_path)
    wait(lambda: state_of(fit).state == Fit.State.SUCCEEDED, "the fit to finish", 120.0)
    assert state_of(fit).attempt == 1
    wait(lambda: set(celery_workers(tmp_path / "data")) - first, "a fresh process", 30.0)
