"""`python -m tests.upgrade.make_data_folder NAME`: keep what this version of the product leaves in a data folder.

It runs the product, fills it with `contents`, asks it over REST what it has, and leaves some events that the consumer
has not read. The result is `folders/NAME`, which every later version is tested to come up with.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from muse_site.driving.client import Console, Json, wait
from muse_site.driving.running import HOST, ROOT, free_ports, running
from muse_site.driving.two_people import TwoPeople
from muse_site.supervisor.health import answers
from tests.upgrade import folders
from tests.upgrade.contents import NORTH, RIVER, Contents

PASSWORD = "throw-away, for this folder alone"
_PEOPLE = {
    "admin@example.com": "admin",
    "analyst@example.com": "analyst",
    "approver@example.com": "approver",
    "viewer@example.com": None,
}
_OF_RELEASE = ("number", "digest", "reason", "published_by", "republishes", "is_current")
_OF_CHANGE = ("number", "state", "title", "digest", "release", "republishes", "verdict", "routes", "reviews")
_OF_EVENT = (
    "intent", "occurred_at", "scored_at", "release", "route", "predictor", "features", "context", "probability",
    "score", "label",
)  # fmt: skip
_LISTS = ("fits", "transforms", "keys", "members", "webhooks", "samples", "audit")


def main(name: str) -> None:
    with tempfile.TemporaryDirectory(prefix="muse-folder-") as folder:
        data = Path(folder) / "data"
        scoring_port, console_port = free_ports(2)
        ports = {"scoring_port": scoring_port, "console_port": console_port}
        with running(data, **ports, log=Path(folder) / "log", env=folders.ENVIRONMENT) as product:
            tokens = {email: _person(data, email, role) for email, role in _PEOPLE.items()}
            admin, author, approver = (Console(product.console, tokens[each]) for each in list(_PEOPLE)[:3])
            contents = Contents(admin, TwoPeople(author, approver), product.scoring)
            contents.make()
            admin.wait_until_kept()
            state = {"password": PASSWORD, "tokens": tokens, "keys": contents.keys}
            state["tenants"] = {slug: _said(admin, slug, contents.answers[slug]) for slug in (NORTH, RIVER)}
        with _scoring_alone(data, scoring_port):
            contents.answers.clear()
            contents.score(NORTH, "payments", 20, note=5.5)
            contents.score(RIVER, "payments", 5)
        state["unread"] = contents.answers
        folders.pack(data, name, state)


def _person(data: Path, email: str, role: str | None) -> str:
    """Make somebody who can log in, and a token of theirs."""
    command = ["create_person", email, "--password-stdin", *(["--role", role] if role else [])]
    _manage(data, *command, typed=f"{PASSWORD}\n")
    return _manage(data, "create_token", email).strip()


def _said(console: Console, slug: str, scored: dict[str, Json]) -> dict[str, Any]:
    """What the version tells of a tenant."""
    at = f"tenants/{slug}"
    changes = [console.get(f"{at}/changes/{each['number']}") for each in console.pages(f"{at}/changes")]
    found = {each: console.find(f"{at}/events/{quote(each, safe='')}") for each in scored}
    return {
        "releases": [_only(_OF_RELEASE, each) for each in console.pages(f"{at}/releases")],
        "changes": [{**_only(_OF_CHANGE, each), "evidence": _digest(console, at, each)} for each in changes],
        "intents": list(console.pages(f"{at}/intents")),
        "lists": {each: sum(1 for _ in console.pages(f"{at}/{each}")) for each in _LISTS},
        "events": {each: _event(explained) for each, explained in found.items() if explained is not None},
        "listed": {each: scored[each] for each, explained in found.items() if explained is None},
        "sent": _of_live(scored),
    }


def _event(explained: Json) -> Json:
    outputs = [each["output"] for each in explained["models"]]
    replayed = explained["recomputed"]["from_features"]["equal"]
    return {**_only(_OF_EVENT, explained), "outputs": outputs, "replayed": replayed}


def _of_live(scored: dict[str, Json]) -> dict[str, Json]:
    """Events that the live release has scored, as they were sent: sent again, they get the same."""
    live = max(each["release"] for each in scored.values())
    return {name: each for name, each in scored.items() if each["release"] == live}


def _only(names: tuple[str, ...], body: Json) -> Json:
    return {name: body[name] for name in names}


def _digest(console: Console, at: str, change: Json) -> str:
    return str(console.get(f"{at}/changes/{change['number']}/evidence")["digest"])


@contextmanager
def _scoring_alone(data: Path, port: int) -> Iterator[None]:
    """The product without its consumer: what is scored stays in segments."""
    environment = {**_environment(data), "MUSE_SCORING_PORT": str(port)}
    argv = [sys.executable, "manage.py", "up", "--only", "postgres,valkey,scoring"]
    process = subprocess.Popen(argv, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
    try:
        wait(lambda: answers(HOST, port), "the scoring service", 60.0)
        yield
    finally:
        process.send_signal(2)
        process.wait(60)


def _manage(data: Path, *argv: str, typed: str = "") -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", *argv],
        cwd=ROOT, env=_environment(data), input=typed, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    return done.stdout


def _environment(data: Path) -> dict[str, str]:
    return {**os.environ, **folders.ENVIRONMENT, "MUSE_DATA": str(data)}


if __name__ == "__main__":
    main(*sys.argv[1:])
