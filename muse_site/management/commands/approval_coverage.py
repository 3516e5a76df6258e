"""`manage.py approval_coverage`: prints which paths can change what is served, who may take them, and their guards."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from muse_site.approval_coverage import coverage, table


class Command(BaseCommand):
    help = "Print which paths can change what is served or what decides over it; fail where one is not guarded."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        paths = coverage()
        self.stdout.write(table(paths))
        if open_ones := [path.name for path in paths if not path.is_guarded]:
            raise CommandError(f"Nothing guards {', '.join(open_ones)}.")
