"""The product with the demonstration in it, in a folder of its own, for as long as the pictures take."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import django

from muse_site.demo.profiles import INTENT
from muse_site.driving.client import Console, GaveUp, Scoring, wait
from muse_site.driving.running import ROOT, Product, free_ports, product

TENANT = "harbour-bank"
_MINUTES = 10.0
# Change requests of the demonstration, by what their verdicts say.
VERDICTS = {
    "verdict_pass": f"tenants/{TENANT}/changes/3",
    "verdict_repairs": f"tenants/{TENANT}/changes/2",
    "verdict_fail": "tenants/parcel-market/changes/3",
    "verdict_too_few": "tenants/tram-wallet/changes/3",
}
ELSEWHERE = ("scoring_api", *VERDICTS, "verdict_risk_rose")
_SUSPECT = {"amount": 310.0, "amount_to_usual": 4.2, "hour": 3, "payments_last_hour": 3, "payments_last_day": 6}
_STRANGER = {"hours_since_last": 0.4, "account_age_days": 40, "card_present": False, "foreign": True}
EVENT = {"context": {"channel": "web"}, "features": {**_SUSPECT, **_STRANGER, "merchant": "electronics"}}


@dataclass(frozen=True)
class Place:
    """A console and somebody who may see all of it.

    Addresses by the page's name: those that are `known` already, and those `elsewhere`, on another service or of a page
    that is shown more than once.
    """

    console: str
    email: str
    password: str
    known: dict[str, str] = field(default_factory=dict)
    elsewhere: dict[str, str] = field(default_factory=dict)


def set_up_django() -> None:
    """Late: it reads its environment once."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "muse_site.settings")
    django.setup()


@contextmanager
def demonstration() -> Iterator[Place]:
    """Django must not have been set up: it finds its database by the folder that is made here."""
    with tempfile.TemporaryDirectory(prefix="muse-pictures-") as folder:
        scoring, console = free_ports(2)
        ports = {"MUSE_SCORING_PORT": str(scoring), "MUSE_CONSOLE_PORT": str(console)}
        os.environ |= {"MUSE_DATA": folder, **ports}
        with _demonstration(Path(folder) / "told.log"):
            yield _place(product(scoring, console))


@contextmanager
def _demonstration(log: Path) -> Iterator[None]:
    """`manage.py demo`, its story told and its traffic running."""
    argv = [sys.executable, "-u", str(ROOT / "manage.py"), "demo"]
    with log.open("w") as stream, subprocess.Popen(argv, stdout=stream, stderr=stream) as child:
        try:
            wait(lambda: _is_ready(child, log), "the demonstration", 60 * _MINUTES)
            yield
        finally:
            child.send_signal(signal.SIGTERM)
            child.wait(90.0)


def _is_ready(child: subprocess.Popen[bytes], log: Path) -> bool:
    if child.poll() is not None:
        raise GaveUp(f"the demonstration ended with code {child.returncode}:\n{log.read_text()[-2000:]}")
    return "  ready" in log.read_text()


def _place(running: Product) -> Place:
    set_up_django()
    from muse_site.demo.people import ADMIN, ANALYST, people, token_of
    from muse_site.driving.pictures.attack import attacked

    admin = next(login for login in people() if login.email == ADMIN)
    analyst = Console(running.console, token_of(ANALYST))
    with Console(running.console, token_of(ADMIN)) as console, analyst as author:
        known = {
            "tenant": f"tenants/{TENANT}",
            "change": f"tenants/{TENANT}/changes/3",
            "event": f"tenants/{TENANT}/events/{_score(console, running.scoring)}",
            "replacement": f"proposals/{_replace_everywhere(console)}",
            "intent": f"tenants/{TENANT}/intents/{INTENT}",
            "intent_setup": f"tenants/{TENANT}/intents/{_begin_another(console)}/setup",
        }
        told = attacked(console, author, running.scoring)
    verdicts = {name: f"{running.console}/{path}" for name, path in {**VERDICTS, "verdict_risk_rose": told}.items()}
    elsewhere = {"scoring_api": f"{running.scoring}/api/v1/docs", **verdicts}
    return Place(running.console, admin.email, str(admin.password), known, elsewhere)


def _score(console: Console, address: str) -> str:
    """Have one event scored that looks like fraud; its id, when it can be explained."""
    key = console.post(f"tenants/{TENANT}/keys", {"name": "web shop", "scopes": ["score", "label"]})
    with Scoring(address, str(key["key"])) as scoring:
        answer = scoring.score(INTENT, EVENT)
    event_id = str(answer["event_id"])
    wait(lambda: console.find(f"tenants/{TENANT}/events/{event_id}"), "the event to be kept", 60.0)
    return event_id


def _begin_another(console: Console) -> str:
    """An intent that is not served yet; its name."""
    declared = [{"name": "amount", "minimum": 0}, {"name": "days_since_payment", "type": "integer", "minimum": 0}]
    thresholds = [{"name": "review", "score": 0.7, "action": "review"}]
    console.post(f"tenants/{TENANT}/intents", {"name": "refunds", "features": declared, "thresholds": thresholds})
    return "refunds"


def _replace_everywhere(console: Console) -> int:
    """What the demonstration leaves out: the new model for all tenants at once."""
    from muse_site.demo.shared import NEW, OLD

    title, reason = "The new model everywhere", "It finds the fraud that has grown lately."
    source = {"kind": "recorded", "days": 28}
    replacement = console.replace_everywhere(title, reason, f"{OLD}@1", f"{NEW}@1", source)
    console.wait_for_replacement(replacement)
    return int(replacement["number"])
