"""That taking down a wall takes it down: else what the other tests show of the other one would be worth nothing."""

from django.db import connection

from models_app.transforms.models import Fit
from tenants.models import Intent
from tenants.scope import tenant_scope
from tests.isolation.standing import application_down, database_down
from tests.isolation.wall import Wall

THEIRS = "hidden-intent"


def by_the_orm() -> bool:
    return Intent.objects.filter(name=THEIRS).exists()


def by_sql() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM tenants_intent WHERE name = %s", [THEIRS])
        return cursor.fetchone() is not None


def test_walls__both_or_either__hide_theirs(wall: Wall) -> None:
    with tenant_scope(wall.ours.tenant.pk):
        assert (by_the_orm(), by_sql()) == (False, False)
    with application_down(), tenant_scope(wall.ours.tenant.pk):
        assert (by_the_orm(), by_sql()) == (False, False)
    with database_down(), tenant_scope(wall.ours.tenant.pk):
        assert (by_the_orm(), by_sql()) == (False, True)


def test_walls__neither__show_theirs(wall: Wall) -> None:
    with application_down(), database_down(), tenant_scope(wall.ours.tenant.pk):
        assert (by_the_orm(), by_sql(), Fit.objects.filter(tenant=wall.theirs.tenant).exists()) == (True, True, True)
    with tenant_scope(wall.ours.tenant.pk):
        assert (by_the_orm(), by_sql()) == (False, False)
