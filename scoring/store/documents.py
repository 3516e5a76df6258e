"""Release documents by tenant and number, as the event consumer needs them: in memory, on disk, then in Postgres.

Releases never change, so whatever was read once serves for ever, and the consumer goes on while Postgres is away.
"""

import contextlib
import shutil
from collections import OrderedDict
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection

from scoring.engine import document
from scoring.models import Release
from scoring.store.artifacts import write_atomically
from scoring.store.sources import Catalogue, DiskCopy, TenantRow, read_document

MEMORY = 256


class Unavailable(Exception):
    """The document is not here, and Postgres does not answer: try again later."""


class Unknown(LookupError):
    """There is no such release: its tenant was erased."""


class Documents:
    """Looks release documents up; not to be shared between threads."""

    def __init__(self, directory: Path | None = None) -> None:
        self._directory = directory or settings.SERVING_CACHE_DIR / "documents"
        self._known: OrderedDict[tuple[int, int], document.ReleaseDocument] = OrderedDict()

    def get(self, tenant: int, number: int) -> document.ReleaseDocument:
        """Raises Unknown, Unavailable, or DocumentError for a text that is no document."""
        found = self._known.get((tenant, number))
        if found is None:
            found = document.decode(self.text(tenant, number))
            self._known[tenant, number] = found
            if len(self._known) > MEMORY:
                self._known.popitem(last=False)
        return found

    def text(self, tenant: int, number: int) -> str:
        """The canonical text. Raises Unknown or Unavailable."""
        path = self._directory / str(tenant) / f"{number}.json"
        try:
            return path.read_text()
        except FileNotFoundError:
            text = _from_scoring(tenant, number) or _from_postgres(tenant, number)
        with contextlib.suppress(OSError):  # a full disk: then without
            write_atomically(path, text.encode(), mode=0o600)
        return text

    def forget(self, tenant: int) -> None:
        """Drop all that is known of a tenant, which was erased."""
        for key in [key for key in self._known if key[0] == tenant]:
            del self._known[key]
        shutil.rmtree(self._directory / str(tenant), ignore_errors=True)


def _from_postgres(tenant: int, number: int) -> str:
    try:
        close_old_connections()
        return read_document(tenant, number)
    except Release.DoesNotExist:
        raise Unknown(f"release {number} of tenant {tenant}") from None
    except DatabaseError as error:
        connection.close()
        raise Unavailable(f"release {number} of tenant {tenant}: {error}") from error


def _from_scoring(tenant: int, number: int) -> str | None:
    """The copy that the scoring processes of this machine keep, if it is of this release."""
    found = DiskCopy(settings.SERVING_CACHE_DIR).releases(Catalogue([], [TenantRow(tenant, "")])).get(tenant)
    return found[1] if found is not None and found[0] == number else None
