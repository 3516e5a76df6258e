"""`manage.py verify_audit`: whether the audit trail is as it was written; prints the head of each chain.

Keep what it prints elsewhere, and give it back by `--against`: then even a chain that was written anew shows.
"""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tenants.audit_chain import read_heads, verify
from tenants.scope import platform_scope


class Command(BaseCommand):
    help = "Verify that no entry of the audit trail was altered, removed or put elsewhere; print the chains' heads."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--against", metavar="FILE", type=Path, help="heads that an earlier run has printed")

    def handle(self, *, against: Path | None, **options: Any) -> None:
        try:
            kept = read_heads(against.read_text().splitlines()) if against else []
        except (OSError, ValueError) as error:
            raise CommandError(f"--against: expected a file of heads (chain, link, hash in a line): {error}") from None
        with platform_scope():
            heads, faults = verify(kept)
        for head in heads:
            self.stdout.write(str(head))
        if faults:
            raise CommandError("The audit trail was tampered with.\n" + "\n".join(map(str, faults)))
        self.stderr.write(
            f"{sum(head.link for head in heads):,} entries in {len(heads):,} chains are as they were written."
        )
