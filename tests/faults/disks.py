"""Disks that fill up: small ones of their own, of the lake, of the segments and of Postgres."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest
from django.db import connections

from muse_site.embedded import Postgres
from tests.faults.evidence import Check, TookHold, both, logged, no_room
from tests.faults.fault import Fault
from tests.faults.hurting import Hurt

FULL_SECONDS = 10.0
_FILLER = ".filler"
_CHUNK = bytes(1 << 16)


def fill(folder: Path) -> None:
    """Leave no room on the disk of a folder."""
    with (folder / _FILLER).open("wb", buffering=0) as file, suppress(OSError):
        while file.write(_CHUNK):
            pass


def empty(folder: Path) -> None:
    (folder / _FILLER).unlink(missing_ok=True)


@contextmanager
def disk(folder: Path, megabytes: int) -> Iterator[None]:
    """A disk of its own at this folder, gone at the end; a test is skipped where none can be mounted."""
    folder.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0700", "tmpfs", str(folder)]
    mounted = subprocess.run(command, capture_output=True, text=True)
    if mounted.returncode:
        pytest.skip(f"no disk can be mounted here: {mounted.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def postgres_on_a_small_disk(postgres: Postgres, spare: Path, megabytes: int) -> Iterator[None]:
    """The cluster on a disk of its own; afterwards it is as it was before."""
    connections.close_all()
    postgres.stop()
    shutil.copytree(postgres.cluster, spare, symlinks=True)
    try:
        with disk(postgres.cluster, megabytes):
            shutil.copytree(spare, postgres.cluster, symlinks=True, dirs_exist_ok=True)
            postgres.start()
            try:
                yield
            finally:
                empty(postgres.cluster)
                connections.close_all()
                postgres.stop()
    finally:
        postgres.start()


def _fill_segments(hurt: Hurt) -> None:
    fill(hurt.data / "segments")


def _empty_segments(hurt: Hurt) -> None:
    empty(hurt.data / "segments")


def _fill_lake(hurt: Hurt) -> None:
    fill(hurt.data / "lake")


def _empty_lake(hurt: Hurt) -> None:
    empty(hurt.data / "lake")


def _fill_postgres(hurt: Hurt) -> None:
    connections.close_all()
    fill(hurt.postgres.cluster)


def _empty_postgres(hurt: Hurt) -> None:
    empty(hurt.postgres.cluster)
    hurt.postgres.start()  # where it has given up


def _no_room(folder: str) -> TookHold:
    return lambda hurt: lambda: no_room(hurt.data / folder)


def _events_are_lost(hurt: Hurt) -> Check:
    before = hurt.counted_lost()
    return lambda: hurt.counted_lost() > before


def _postgres_has_no_room(hurt: Hurt) -> Check:
    def has_none() -> bool:
        try:
            with psycopg.connect(hurt.postgres.owner_url) as owner:
                owner.execute("CREATE TEMP TABLE too_large AS SELECT generate_series(1, 1000000)")
        except psycopg.OperationalError as error:  # of the disk, or it has given up for that
            return isinstance(error, psycopg.errors.DiskFull) or not hurt.postgres.alive()
        return False

    return has_none


DISKS = [
    Fault(
        "Disk of the lake full for ten seconds",
        _fill_lake,
        _empty_lake,
        took_hold=both(_no_room("lake"), logged("No space left on device")),
        seconds=FULL_SECONDS,
    ),
    Fault(
        "Disk of the segments full for ten seconds: what is not recorded is counted as lost",
        _fill_segments,
        _empty_segments,
        took_hold=both(_no_room("segments"), _events_are_lost),
        seconds=FULL_SECONDS,
        may_lose=True,
    ),
]
POSTGRES_DISK = [
    Fault(
        "Disk of Postgres full for ten seconds",
        _fill_postgres,
        _empty_postgres,
        took_hold=_postgres_has_no_room,
        seconds=FULL_SECONDS,
    ),
]
