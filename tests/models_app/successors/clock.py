"""A clock that stood elsewhere for a while: releases are dated when they are published, and stay so."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.utils import timezone


@contextmanager
def ago(days: float) -> Iterator[None]:
    """What happens in here happened so many days ago."""
    at = timezone.now() - timedelta(days=days)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(timezone, "now", lambda: at)
        yield
