"""Two accounts in the hands of one person are one pair of eyes: whoever could be logged in as another is not a second.

Who has set another's password, taken off their second factor or let them in again may be them from then on, and may be
whoever they let themselves in as, until the password was set by a link to the owner's address or by who runs the
installation. A passkey or a token that was made meanwhile still lets them in, so it has to be gone by then. The audit
trail says all of that. Nobody is locked out by it, as by two people for each lost password: it takes another second
person, that is all.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from django.core.exceptions import PermissionDenied
from django.db.models import F, Q
from django.utils.dateparse import parse_datetime

from tenants.audit_terms import AuditAction, SubjectType
from tenants.models import AuditEntry, Person
from tenants.scope import platform_scope

_TAKES = (AuditAction.SET_PASSWORD, AuditAction.REMOVE_SECOND_FACTOR, AuditAction.CHANGE_PERSON)
_LEAVES = (AuditAction.ADD_SECOND_FACTOR, AuditAction.CREATE_TOKEN)
_ACTS = (*_TAKES, *_LEAVES, AuditAction.REVOKE_TOKEN)
_UNTIL = (
    "Somebody else has to agree, or {} password is set first, by a link of their own or by who runs the installation, "
    "once passkeys and tokens that were made since are gone."
)


class _Entry(NamedTuple):
    """Whose sign-in, who changed it, how."""

    owner: int
    actor: int | None
    act: str
    details: dict[str, Any]
    at: datetime

    @property
    def by_link(self) -> bool:
        return bool(self.details.get("by_link"))

    @property
    def key(self) -> str:
        """What lets somebody in without the password: of an authenticator app that is nothing."""
        return str(self.details.get("prefix") or self.details.get("passkey") or "")


@dataclass
class _Account:
    """Who else could be logged in with it now, and by what, once the password is another."""

    others: set[int] = field(default_factory=set)
    left: dict[str, tuple[set[int], datetime | None]] = field(default_factory=dict)

    def take(self, entry: _Entry, hands: set[int]) -> None:
        self.left.pop(entry.key, None)
        if entry.act in _LEAVES and entry.key and self.others:
            self.left[entry.key] = (set(self.others), parse_datetime(entry.details.get("expires_at") or ""))
        elif entry.act == AuditAction.SET_PASSWORD and _is_new_to_others(entry):
            held = [others for others, until in self.left.values() if until is None or until > entry.at]
            self.others = hands.union(*held)
        elif entry.act in _TAKES and (entry.act != AuditAction.CHANGE_PERSON or entry.details.get("is_active")):
            self.others |= hands


def check_hands(actor: Person, others: Callable[[], Iterable[Person]]) -> None:
    """Raise PermissionDenied where who agrees now could be one of those who had a part before, or the other way.

    `others` is read only where anything of the kind was ever done to or by the actor.
    """
    by_another = Q(person__isnull=False) & ~Q(subject_id=F("person")) & Q(act__in=_TAKES)
    if not _entries(by_another & (Q(subject_id=actor.pk) | Q(person=actor))):
        return
    apart = [other for other in others() if other.pk != actor.pk]
    hands = _hands({actor.pk, *(other.pk for other in apart)})
    for other in apart:
        if both := hands[actor.pk] & hands[other.pk]:
            raise PermissionDenied(_why(actor, other, both))


def _why(actor: Person, other: Person, both: set[int]) -> str:
    if other.pk in both:
        return f"{other} has changed how you log in, and could be you. {_UNTIL.format('your')}"
    if actor.pk in both:
        return f"You have changed how {other} logs in, and could be them. {_UNTIL.format('their')}"
    third = Person.objects.get(pk=min(both))
    return f"{third} has changed how you and {other} log in, and could be both. {_UNTIL.format('your')}"


def _hands(people: Collection[int]) -> dict[int, set[int]]:
    """By account, who could be logged in with it: its owner, and who else."""
    accounts: defaultdict[int, _Account] = defaultdict(_Account)
    for entry in _history(people):
        could_be: set[int] = set()
        if entry.actor is not None and not entry.by_link:
            could_be = {entry.actor} | accounts[entry.actor].others
        accounts[entry.owner].take(entry, could_be - {entry.owner})
    return {pk: {pk} | accounts[pk].others for pk in people}


def _history(people: Collection[int]) -> list[_Entry]:
    """Of their accounts, and of those that have changed how they log in, and so on; in order."""
    found: dict[int, _Entry] = {}
    known: set[int] = set()
    asked = set(people)
    while asked:
        rows = _entries(Q(subject_id__in=asked))
        found |= rows
        known |= asked
        asked = {entry.actor for entry in rows.values() if entry.actor is not None} - known
    return [found[pk] for pk in sorted(found)]


def _entries(of: Q) -> dict[int, _Entry]:
    """By their primary keys, which grow."""
    with platform_scope():  # entries of no tenant are seen there only
        rows = AuditEntry.objects.filter(of, subject_type=SubjectType.PERSON, act__in=_ACTS)
        return {
            pk: _Entry(*told) for pk, *told in rows.values_list("id", "subject_id", "person", "act", "details", "at")
        }


def _is_new_to_others(entry: _Entry) -> bool:
    """Not of who is logged in and sets their own, for that may be anybody who could be them."""
    return entry.actor != entry.owner or entry.by_link
