"""Who has written what others are to approve."""

from models_app.changes.models import ChangeRequest
from models_app.changes.standing_approvals.models import StandingApproval
from tenants.models import Person


def has_written(person: Person, row: ChangeRequest | StandingApproval) -> bool:
    """Whether any of its revisions is theirs: who edits after them takes over what they wrote, and may not know it."""
    if person.pk in (row.author_id, row.edited_by_id):
        return True
    history = row.history  # type: ignore[union-attr]  # which its decorator adds
    return row.revision > 1 and bool(history.filter(edited_by=person).exists())
