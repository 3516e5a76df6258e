"""Who decides what is served shows a second factor, where the installation or the tenant's policy asks for it."""

from django.conf import settings
from django.core.exceptions import PermissionDenied

from models_app.changes.models import ReviewPolicy
from models_app.changes.selectors import policy_of
from tenants.caller import current
from tenants.models import Tenant

_PLAIN = "This needs a second factor, and you have not shown one since you logged in. Do so, then try again."
_BY_PROGRAM = "This needs a second factor, which a token does not have. Do it in the console, logged in with one."


class SecondFactorNeeded(PermissionDenied):
    """It is allowed, to who has shown a second factor."""


def is_asked(policy: ReviewPolicy | None) -> bool:
    """Whether deciding takes a second factor; None is of what belongs to the platform."""
    return bool(settings.ENV["MUSE_SECOND_FACTOR"] or (policy is not None and policy.second_factor))


def is_lacking(policy: ReviewPolicy | None) -> bool:
    """Whether who sends the request that is being answered would be refused for want of a second factor."""
    caller = current()
    return caller.person is not None and not caller.second_factor and is_asked(policy)


def check_second_factor(tenant: Tenant | None, policy: ReviewPolicy | None = None) -> None:
    """Raise SecondFactorNeeded where the request that is being answered needs one and has none.

    Work that goes on after its request was checked when it was asked for, and operators on the machine need none.
    """
    if is_lacking(policy or (policy_of(tenant) if tenant else None)):
        raise SecondFactorNeeded(_BY_PROGRAM if current().token else _PLAIN)
