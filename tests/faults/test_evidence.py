"""What shows that a fault took hold, tried where none did: the suite is to fail then, and not to pass for nothing."""

from pathlib import Path

import pytest

from tests.faults import evidence
from tests.faults.fault import Fault
from tests.faults.hurting import Hurt


@pytest.fixture
def unhurt(tmp_path: Path) -> Hurt:
    """Of which nothing runs but this test's own services."""
    log = tmp_path / "log"
    log.write_text("all is well\n")
    return Hurt(None, None, tmp_path, log)  # type: ignore[arg-type]


def test_fault__that_says_not_how_it_shows__cannot_be_declared() -> None:
    with pytest.raises(TypeError, match="took_hold"):
        Fault("kill -9 of nobody")  # type: ignore[call-arg]


def test_fault__that_does_not_take_hold__is_told() -> None:
    assert evidence.missing(lambda: False, 0.0) == ["it did not take hold"]
    assert evidence.missing(lambda: True, 0.0) == []


def test_both__of_which_one_does_not_show__do_not() -> None:
    for shown in ([True, True], [True, False], [False, True]):
        checks = [lambda _, each=each: lambda: each for each in shown]
        assert evidence.both(*checks)(None)() == all(shown)  # type: ignore[arg-type]


def test_logged__what_stood_there_before__does_not_show(unhurt: Hurt) -> None:
    check = evidence.logged("all is well")(unhurt)
    assert not check()
    with unhurt.log.open("a") as log:
        log.write("all is well\n")
    assert check()


def test_servers_and_disks__that_nobody_has_hurt__do_not_show(unhurt: Hurt) -> None:
    assert not evidence.valkey_silent(unhurt)()
    assert not evidence.postgres_silent(unhurt)()
    assert not evidence.no_room(unhurt.data)
