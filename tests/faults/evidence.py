"""Whether a fault has taken hold: each of these looks before it, and returns what says afterwards whether it is there.

What a fault is shown by lies outside of what it does: what the product says of it, or what becomes of somebody else's
attempt. One that does nothing would pass every other check.
"""

import errno
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import psycopg
from django.utils import timezone

from muse_site.driving.client import GaveUp, wait
from muse_site.supervisor import proctable
from scoring.models import Release, ServingProcess
from tenants.scope import platform_scope
from tests.faults.hurting import SCORING, Hurt

Check = Callable[[], bool]
TookHold = Callable[[Hurt], Check]

WITHIN = 60.0  # seconds
_ALIVE = timedelta(seconds=15)  # since a process has last spoken
_CHUNK = bytes(1 << 16)


def missing(check: Check, seconds: float = WITHIN) -> list[str]:
    """In words, that it did not take hold, where it does not in so many seconds."""
    with suppress(GaveUp):
        wait(check, "the fault to take hold", seconds)
        return []
    return ["it did not take hold"]


def both(*each: TookHold) -> TookHold:
    def look(hurt: Hurt) -> Check:
        checks = [one(hurt) for one in each]
        return lambda: all(check() for check in checks)

    return look


def logged(text: str) -> TookHold:
    """The product's log says so once more."""

    def look(hurt: Hurt) -> Check:
        before = hurt.logged(text)
        return lambda: hurt.logged(text) > before

    return look


# ---- processes


def replaced(*groups: Sequence[str], first: bool = False) -> TookHold:
    """Of each of these groups all processes, or the first, have gone, and others do their work."""
    return both(*(_replaced(words, first=first) for words in groups))


def _replaced(words: Sequence[str], *, first: bool) -> TookHold:
    def look(hurt: Hurt) -> Check:
        before = hurt.pids(*words)
        gone = before[:1] if first else before

        def is_replaced() -> bool:
            now = hurt.pids(*words)
            new = set(now).difference(before)
            return bool(new) and not set(now).intersection(gone) and (words != SCORING or _all_serve(hurt, new))

        return is_replaced

    return look


def another_supervisor(hurt: Hurt) -> Check:
    before = hurt.supervisor

    def is_another() -> bool:
        with suppress(OSError, ValueError):  # it has still to write its number
            now = hurt.supervisor
            return now != before and proctable.entry(now) is not None
        return False

    return is_another


def supervisor_stopped(hurt: Hurt) -> Check:
    def is_stopped() -> bool:
        entry = proctable.entry(hurt.supervisor)
        return entry is not None and entry.stopped

    return is_stopped


# ---- what scoring processes say of themselves


def all_fail(reason: str) -> TookHold:
    """Every scoring process says of the latest release that it does not load, and why."""

    def look(hurt: Hurt) -> Check:
        def say_so() -> bool:
            latest = latest_release(hurt)
            said = [each.failures.get(hurt.served.tenant.slug, {}) for each in _alive()]
            return bool(said) and all(one.get("number") == latest and reason in one["reason"] for one in said)

        return say_so

    return look


def all_serve(hurt: Hurt) -> Check:
    """Every scoring process serves the latest release."""

    def serve() -> bool:
        latest = latest_release(hurt)
        numbers = [each.releases.get(hurt.served.tenant.slug, 0) for each in _alive()]
        return bool(numbers) and min(numbers) >= latest

    return serve


def latest_release(hurt: Hurt) -> int:
    with platform_scope():
        return Release.objects.filter(tenant=hurt.served.tenant).latest("number").number


def _all_serve(hurt: Hurt, pids: Collection[int]) -> bool:
    """Whether these have said that they serve the tenant."""
    return set(pids) <= {each.pid for each in _alive() if hurt.served.tenant.slug in each.releases}


def _alive() -> list[ServingProcess]:
    with platform_scope():
        return list(ServingProcess.objects.filter(seen_at__gt=timezone.now() - _ALIVE))


# ---- servers and disks


def valkey_silent(hurt: Hurt) -> Check:
    return lambda: not hurt.valkey.alive()


def postgres_silent(hurt: Hurt) -> Check:
    return lambda: not hurt.postgres.alive()


def postgres_refuses(error: type[psycopg.Error], words: str = "") -> TookHold:
    """Somebody who connects and writes gets this error, with these words."""

    def look(hurt: Hurt) -> Check:
        def refuses() -> bool:
            try:
                with psycopg.connect(hurt.postgres.app_url, connect_timeout=2) as app:
                    app.execute("UPDATE scoring_servingprocess SET pid = pid WHERE false")
            except psycopg.Error as found:
                return isinstance(found, error) and words in str(found)
            return False

        return refuses

    return look


def no_room(folder: Path) -> bool:
    """Whether writing to this folder fails for want of room."""
    probe = folder / ".probe"
    try:
        probe.write_bytes(_CHUNK)
    except OSError as error:
        return error.errno == errno.ENOSPC
    finally:
        probe.unlink(missing_ok=True)
    return False
