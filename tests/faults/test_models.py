"""Bad releases and damaged model files under load: what was served before goes on, or the fallback answers."""

import pytest

from tests.factories import World
from tests.faults.hurting import Hurt
from tests.faults.models import MODELS
from tests.faults.table import Row
from tests.faults.trial import LONG, Recorded, try_all

pytestmark = [pytest.mark.live, LONG]


def test_product__bad_releases_and_model_files_under_load__fails_no_request(
    hurt: Hurt, world: World, recorded: Recorded, rows: list[Row]
) -> None:
    assert try_all(MODELS, hurt, world, recorded, rows) == []
