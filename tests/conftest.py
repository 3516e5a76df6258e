"""Fixtures for all tests. The database is the ephemeral one of plugin_services.py, used as it is."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.object_store import ObjectStore, running

# No deadline: how long an example takes says nothing on a machine with other work to do.
settings.register_profile("muse", deadline=None, max_examples=60)
settings.load_profile("muse")


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: pytest.FixtureRequest) -> None:
    """Let the application's role empty tables, as tests do, whenever they are made; then migrate as the owner."""
    from django.core.management import call_command
    from django.db import connections

    with django_db_blocker.unblock():
        with connections["owner"].cursor() as cursor:
            cursor.execute("ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT TRUNCATE ON TABLES TO muse_app")
        call_command("migrate", database="owner", interactive=False, verbosity=0)
        connections["owner"].close()


@pytest.fixture(scope="session")
def object_store() -> Iterator[ObjectStore]:
    """An object store with an empty bucket, for all tests that want one."""
    with running() as store:
        yield store
