"""How the console does at size: what each of its pages takes on the server, and how many queries.

    python benchmarks/console.py [--repeats 5] [--only fits]

A database of its own, in a temporary folder, gets 300 tenants, 1,000 intents, 5,000 models and 2,000 change requests.
Each page is asked for through all that answers it but the network, as an admin of the platform and as a member of one
tenant.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

# In place of this folder, whose modules have names that libraries have too.
sys.path[0] = str(Path(__file__).resolve().parent.parent)


def main() -> int:
    arguments = _arguments()
    with tempfile.TemporaryDirectory(prefix="muse-benchmark-") as folder:
        from muse_site.embedded import Postgres, remove_run_directory

        postgres = Postgres(Path(folder), ephemeral=True)
        postgres.start()
        try:
            _configure(folder, postgres.app_url, postgres.owner_url)
            return _measured(arguments)
        finally:
            postgres.stop()
            remove_run_directory(Path(folder))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=5, help="how often each page is asked for; the median counts")
    parser.add_argument("--only", default="", help="pages whose address holds this")
    return parser.parse_args()


def _configure(folder: str, app_url: str, owner_url: str) -> None:
    import django
    from django.core.management import call_command

    os.environ.update(MUSE_DATA=folder, DATABASE_URL=app_url, DATABASE_OWNER_URL=owner_url, MUSE_ALLOWED_HOSTS="*")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "muse_site.settings")
    django.setup()
    call_command("migrate", database="owner", interactive=False, verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)


def _measured(arguments: argparse.Namespace) -> int:
    from benchmarks.large import Size, fill
    from benchmarks.large_pages import pages

    started = time.perf_counter()
    fill(Size())
    _analyse()
    print(f"rows written in {time.perf_counter() - started:.0f} s\n")
    print(f"{'page':58} {'queries':>7} {'median ms':>10} {'slowest':>8}")
    slow = 0
    for who, client in _clients():
        for page in [page for page in pages() if arguments.only in page]:
            answer = _ask(client, page, arguments.repeats)
            slow += answer is not None and answer[1] >= 300
            print(
                f"{who + ' /' + page:58} "
                + ("not theirs" if answer is None else "{:7} {:10.0f} {:8.0f}".format(*answer))
            )
    print(f"\n{slow} pages take 300 ms or longer")
    return 1 if slow else 0


def _analyse() -> None:
    """Analyse the tables, as autovacuum would have done by then."""
    from django.db import connections

    with connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE")


def _clients() -> Iterator[tuple[str, object]]:
    from django.test import Client

    from tenants.models import Membership, Person
    from tenants.scope import platform_scope

    with platform_scope():
        admin = Person.objects.create(email="admin@example.com")
        Membership.objects.create(person=admin, tenant=None, role="admin")
        member = Membership.objects.filter(tenant__slug="client-000", role="viewer").select_related("person")[0].person
    for who, person in (("admin", admin), ("member", member)):
        client = Client()
        client.force_login(person, "django.contrib.auth.backends.ModelBackend")
        yield who, client


def _ask(client: object, page: str, repeats: int) -> tuple[int, float, float] | None:
    """Queries, median and longest time in ms; None for a page that the person may not see."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        answer = client.get(f"/{page}")  # type: ignore[attr-defined]
    queries, times = len(captured), []
    if answer.status_code == 404:
        return None
    assert answer.status_code == 200, f"/{page}: {answer.status_code}"
    for _ in range(repeats):
        started = time.perf_counter()
        client.get(f"/{page}")  # type: ignore[attr-defined]
        times.append(1000 * (time.perf_counter() - started))
    return queries, statistics.median(times), max(times)


if __name__ == "__main__":
    sys.exit(main())
