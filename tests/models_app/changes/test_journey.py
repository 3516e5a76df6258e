"""The way of an approval, as docs/adr/0007 tells it: the files that hand it on, from the service to the commit."""

import sys
from collections.abc import Callable, Iterator
from itertools import groupby
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from models_app.changes import reviewing
from tests.models_app.changes.conftest import Case

ROOT = f"{Path(__file__).resolve().parents[3]}/"
ROOMS = (
    "models_app/changes/reviewing.py",
    "models_app/changes/transitions.py",
    "tenants/services/audit.py",
    "models_app/changes/transitions.py",
    "scoring/services.py",
    "scoring/engine/document.py",
    "tenants/services/audit.py",
    "tenants/messages.py",
    "models_app/changes/track_record/foretell.py",
    "scoring/engine/document.py",
    "models_app/changes/notify.py",
    "models_app/notifications/notify.py",
)
# What is only looked something up in hands nothing on: rows, permissions, the scope, what evidence says.
LOOKED_UP = (
    "models_app/changes/approvers.py",
    "models_app/changes/evidence/",
    "models_app/changes/hands.py",
    "models_app/changes/models.py",
    "models_app/changes/second_factor.py",
    "models_app/changes/selectors.py",
    "models_app/changes/writers.py",
    "models_app/notifications/recipients.py",
    "models_app/statistics/",
    "scoring/engine/earlier_documents.py",
    "scoring/models/",
    "scoring/releases.py",
    "tenants/caller.py",
    "tenants/history.py",
    "tenants/models/",
    "tenants/origin.py",
    "tenants/permissions.py",
    "tenants/scope.py",
)


def entered(action: Callable[[], Any]) -> Iterator[str]:
    """The product's files that one of its files hands on to, in order, each stay once."""
    files: list[str] = []

    def note(frame: FrameType, event: str, _: Any) -> None:
        file, caller = frame.f_code.co_filename, frame.f_back
        if event == "call" and _is_ours(file) and caller and _is_ours(caller.f_code.co_filename, but=file):
            files.append(file.removeprefix(ROOT))

    sys.setprofile(note)
    try:
        action()
    finally:
        sys.setprofile(None)
    return (room for room, _ in groupby(file for file in files if not file.startswith((*LOOKED_UP, "tests/"))))


def _is_ours(file: str, but: str = "") -> bool:
    return file.startswith(ROOT) and "/.venv/" not in file and file != but


@pytest.mark.django_db
def test_approval__that_publishes__goes_through_these_files_in_this_order(case: Case) -> None:
    reviewing.submit(actor=case.author, change=case.change)
    way = entered(lambda: reviewing.approve(actor=case.approver, change=case.change, **case.seen))
    assert tuple(way) == ROOMS
