"""Takes one of the two walls between tenants down, so that what holds then is the other's alone."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import psycopg
import pytest
from django.apps import apps
from django.db import models

from tenants.row_security import FUNCTION

_OPEN = "CREATE OR REPLACE FUNCTION muse_may_see(tenant bigint) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE"


@contextmanager
def application_down() -> Iterator[None]:
    """The ORM finds what the database lets it: scopes narrow nothing."""
    with pytest.MonkeyPatch.context() as patch:
        for manager in _scoped():
            patch.setattr(type(manager), "get_queryset", models.Manager.get_queryset)
        yield


@contextmanager
def database_down() -> Iterator[None]:
    """The database shows every row to everybody who asks, and takes every row from them."""
    _as_owner(f"{_OPEN} AS 'SELECT true'")
    try:
        yield
    finally:
        _as_owner(FUNCTION.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"))


DOWN = {
    "both walls": nullcontext,
    "the database's wall alone": application_down,
    "the application's wall alone": database_down,
}


def behind_each(check: Callable[[], None]) -> None:
    """Check behind both walls, and behind each alone; what fails says behind which."""
    for name, taken_down in DOWN.items():
        try:
            with taken_down():
                check()
        except BaseException as error:
            error.add_note(f"Behind {name}.")
            raise


def _scoped() -> Iterator[Any]:
    for model in apps.get_models():
        for manager in model._meta.managers:
            if type(manager).__qualname__.startswith("ScopedManager."):
                yield manager


def _as_owner(statement: str) -> None:
    """Past Django, which lets a test use the databases only that it has named."""
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"]) as connection:
        connection.execute(statement)
