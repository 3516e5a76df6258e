"""Who has written what others are to approve: its author, and whoever has edited any of its revisions."""

from django.db.models import Q, QuerySet

from models_app.changes.models import ChangeRequest
from models_app.changes.standing_approvals.models import StandingApproval
from tenants.models import Person


def has_written(person: Person, row: ChangeRequest | StandingApproval) -> bool:
    """Whether any of its revisions is theirs: who edits after them takes over what they wrote, and may not know it."""
    if person.pk in (row.author_id, row.edited_by_id):
        return True
    history = row.history  # type: ignore[union-attr]  # which its decorator adds
    return bool(history.filter(edited_by=person).exists())


def written_by(person: Person) -> Q:
    """The same of rows that are still to be read."""
    return Q(author=person) | Q(edited_by=person) | Q(history__edited_by=person)


def writers(row: ChangeRequest | StandingApproval) -> QuerySet[Person]:
    """All of them."""
    history = row.history  # type: ignore[union-attr]
    return Person.objects.filter(Q(pk__in=[row.author_id, row.edited_by_id]) | Q(pk__in=history.values("edited_by")))
