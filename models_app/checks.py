"""A check of the machine, without which model files cannot be read safely."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register

from models_app.modelfiles import confinement


@register(Tags.security)
def check_confinement(**_: Any) -> list[CheckMessage]:
    """Model files can be checked in a process that is shut in."""
    reason = confinement.unavailable()
    if not reason:
        return []
    unconfined = settings.ENV["MUSE_MODEL_CHECK_UNCONFINED"]
    found = "are checked by a process that is not shut in" if unconfined else "are refused"
    return [Warning(f"Model files {found} on this machine: {reason}.", confinement.ADVICE, id="models_app.W001")]
