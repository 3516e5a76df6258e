"""Two accounts in the hands of one person are one pair of eyes: whoever could be logged in as another is not a second.

Who has set another's password, taken off their second factor or let them in again may be them from then on, until the
password was set by a link to the owner's address or by who runs the installation. The audit trail says so. Nobody is
locked out by it, as by two people for each lost password: it takes another second person, that is all.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q

from tenants.audit_terms import AuditAction, SubjectType
from tenants.models import AuditEntry, Person
from tenants.scope import platform_scope

_ACTS = (AuditAction.SET_PASSWORD, AuditAction.REMOVE_SECOND_FACTOR, AuditAction.CHANGE_PERSON)
_UNTIL = "Somebody else has to agree, or {} first: by a link of their own, or who runs the installation does so."


def check_hands(actor: Person, others: Callable[[], Iterable[Person]]) -> None:
    """Raise PermissionDenied where who agrees now could be one of those who had a part before, or the other way.

    `others` is read only where anything of the kind was ever done to or by the actor.
    """
    if not _entries(Q(subject_id=actor.pk) | Q(person=actor)):
        return
    apart = {other.pk: other for other in others() if other.pk != actor.pk}
    held = _held_by({actor.pk, *apart})
    for pk, other in apart.items():
        if pk in held[actor.pk]:
            until = _UNTIL.format("your password is set")
            raise PermissionDenied(f"{other} has changed how you log in, and could be you. {until}")
        if actor.pk in held[pk]:
            until = _UNTIL.format("their password is set")
            raise PermissionDenied(f"You have changed how {other} logs in, and could be them. {until}")


def _held_by(people: Collection[int]) -> dict[int, set[int]]:
    """By person, who else could be logged in as them."""
    held: dict[int, set[int]] = defaultdict(set)
    for owner, actor, act, details in _entries(Q(subject_id__in=people)):
        others = {actor} if actor is not None and actor != owner else set()
        if act == AuditAction.SET_PASSWORD:  # whoever knew the one before knows nothing any more
            held[owner] = others
        elif act != AuditAction.CHANGE_PERSON or details.get("is_active"):
            held[owner] |= others
    return held


def _entries(of: Q) -> list[tuple[int, int | None, str, dict[str, Any]]]:
    """Whose sign-in, who changed it, how; in order."""
    with platform_scope():  # entries of no tenant are seen there only
        rows = AuditEntry.objects.filter(of, subject_type=SubjectType.PERSON, act__in=_ACTS).order_by("id")
        told = rows.values_list("subject_id", "person", "act", "details")
        return [(owner, actor, act, details) for owner, actor, act, details in told if owner is not None]
