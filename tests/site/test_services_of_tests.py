import os

import pytest
from django.conf import settings
from django.db import connection


@pytest.mark.django_db
def test_database__of_tests__is_migrated_and_used_as_the_application() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, current_database(), current_setting('fsync')")
        assert cursor.fetchone() == ("muse_app", "muse", "off")
        cursor.execute("SELECT count(*) FROM django_migrations")
        assert cursor.fetchone()[0] > 0


@pytest.mark.django_db(transaction=True)
def test_database__transactional_test__can_be_flushed() -> None:
    assert connection.get_autocommit()


def test_settings__of_tests__point_at_the_fresh_services() -> None:
    assert os.environ["DATABASE_URL"] == settings.DATABASE_URL
    assert settings.DATA_DIR.name.startswith("muse-tests-")
