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
    """Migrate as the owner; then let the application's role empty tables, as transactional tests do."""
    from django.core.management import call_command
    from django.db import connections

    with django_db_blocker.unblock():
        call_command("migrate", database="owner", interactive=False, verbosity=0)
        with connections["owner"].cursor() as cursor:
            cursor.execute("GRANT TRUNCATE ON ALL TABLES IN SCHEMA public TO muse_app")
        connections["owner"].close()


@pytest.fixture(scope="session")
def object_store() -> Iterator[ObjectStore]:
    """An object store with an empty bucket, for all tests that want one."""
    with running() as store:
        yield store
