"""How long somebody stays logged in: so long without doing anything, and so long at most (MUSE_SESSION_…)."""

import time
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

SINCE, SEEN = "muse_since", "muse_seen"  # seconds since 1970, in the session
PROOFS, WHOSE = "account_authentication_methods", "account_authentication_methods_user"  # allauth's, in the session
_NOTED_EVERY = 60.0  # seconds: a session is not written at each request


@receiver(user_logged_in)
def begin(sender: Any, request: HttpRequest, **_: Any) -> None:
    """Note when somebody logged in."""
    request.session[SINCE] = request.session[SEEN] = time.time()


def lasts(request: HttpRequest) -> bool:
    """Whether the log-in that the request comes with still holds; ends it where it does not.

    A page that brings itself up to date is nobody's doing.
    """
    now, session = time.time(), request.session
    since = session.setdefault(SINCE, now)
    seen = session.setdefault(SEEN, since)
    if now - since > 3600 * settings.ENV["MUSE_SESSION_HOURS"] or now - seen > 60 * settings.ENV["MUSE_SESSION_IDLE"]:
        logout(request)
        return False
    if now - seen > _NOTED_EVERY and request.headers.get("HX-Target") != "live":
        session[SEEN] = now
    return True


def has_second_factor(request: HttpRequest) -> bool:
    """Whether who is logged in has shown a second factor in this session."""
    session = request.session
    if session.get(WHOSE) != str(request.user.pk):
        return False
    return any(proof.get("method") == "mfa" for proof in session.get(PROOFS, []))
