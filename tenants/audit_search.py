"""What somebody looks for in the audit trail: by time, person, act, what it was done to, and words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db.models import Q, QuerySet

from tenants.audit_terms import SubjectType
from tenants.models import AuditEntry
from tenants.query_text import Reader, one_of, read_query, whole_number
from tenants.times import read_moment

PLATFORM = "platform"  # where a person's address would stand: what was done by nobody


@dataclass(frozen=True)
class AuditSearch:
    """`since` and `until` are the first moment that counts and the first that does not any more."""

    q: str = ""
    person: str = ""
    act: str = ""
    subject_type: str = ""
    subject_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None

    def of(self, entries: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        """Return the entries that meet the search."""
        return entries.filter(*self._conditions())

    def _conditions(self) -> list[Q]:
        found = []
        if self.q:
            places = ("act", "subject", "reason", "person__email")
            found.append(Q(*((f"{place}__icontains", self.q) for place in places), _connector=Q.OR))
        if self.person:
            nobody = self.person == PLATFORM
            found.append(Q(person=None) if nobody else Q(person__email__iexact=self.person))
        if self.act:
            found.append(Q(act=self.act))
        if self.subject_type:
            found.append(Q(subject_type=self.subject_type))
        if self.subject_id is not None:
            found.append(Q(subject_id=self.subject_id))
        if self.since:
            found.append(Q(at__gte=self.since))
        if self.until:
            found.append(Q(at__lt=self.until))
        return found


def read_audit_search(texts: Mapping[str, str]) -> AuditSearch:
    """What texts ask for, by the names of AuditSearch. Raises ValidationError naming each field."""
    return AuditSearch(**read_query(texts, _READERS))


_READERS: Mapping[str, Reader] = {
    "q": str,
    "person": str,
    "act": str,
    "subject_type": one_of(SubjectType.values),
    "subject_id": whole_number(1, 2**63 - 1),
    "since": read_moment,
    "until": partial(read_moment, whole=True),
}
