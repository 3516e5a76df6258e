"""`manage.py forget_audit`: deletes entries of the audit trail that are older than MUSE_AUDIT_DAYS."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from tenants.audit_retention import forget


class Command(BaseCommand):
    help = "Delete entries of the audit trail older than MUSE_AUDIT_DAYS; the chains still verify. For a daily job."

    def handle(self, **options: Any) -> None:
        days = settings.ENV["MUSE_AUDIT_DAYS"]
        if days == 0:
            self.stdout.write("MUSE_AUDIT_DAYS is 0: the audit trail is kept for good.")
            return
        self.stdout.write(f"Forgot {forget(days=days):,} entries of the audit trail.")
