"""Wrong codes of one test are not those of the next."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def _forgets_wrong_codes() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()
