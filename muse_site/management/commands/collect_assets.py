"""`manage.py collect_assets`: scripts and styles, compressed and named by their content, unless they are there."""

import hashlib
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Collects scripts and styles where the services send them from, if they are others than the last time."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        root = Path(settings.STATIC_ROOT)
        stamp = root.with_name("static.collected")  # beside them: what is in the folder is sent to anybody
        wanted = _digest()
        if (root / "staticfiles.json").exists() and stamp.exists() and stamp.read_text() == wanted:
            return
        stamp.unlink(missing_ok=True)  # of what is half collected, nothing is said
        call_command("collectstatic", interactive=False, verbosity=0)
        stamp.write_text(wanted)


def _digest() -> str:
    """What the collected files depend on: each file by its content, and what compresses and names them."""
    made_by = [settings.STORAGES["staticfiles"]["BACKEND"], version("django"), version("whitenoise")]
    return hashlib.sha256("\n".join([*made_by, *sorted(_files())]).encode()).hexdigest()


def _files() -> Iterator[str]:
    for finder in get_finders():
        for path, storage in finder.list([]):
            content = Path(storage.path(path)).read_bytes()  # images of a product may give all files one time
            yield f"{path} {hashlib.sha256(content).hexdigest()}"
