"""From approved to live."""

from django.db import transaction

from models_app.changes.models import ChangeRequest
from models_app.changes.notify import tell_of_change
from models_app.changes.track_record.foretell import keep_foretold
from models_app.changes.transitions import PUBLISH, Standing, held, move
from models_app.notifications.events import Event
from models_app.releases.publish import publish_text
from tenants.models import Person


def publish_change(*, actor: Person | None, change: ChangeRequest) -> ChangeRequest:
    """Serve an approved change request: for tenants whose policy does not publish with the last approval."""
    with transaction.atomic():
        return publish_held(held(change, actor))


def publish_held(standing: Standing) -> ChangeRequest:
    """As `publish_change`, in the caller's transaction, which holds the change request."""
    move(standing, PUBLISH)
    change, evidence = standing.change, standing.evidence  # which speaks of what is live before
    change.release = publish_text(
        tenant=change.tenant,
        text=change.document,
        actor=standing.actor,
        reason=f"change request {change.number}: {change.reason}",
        republishes=change.republishes,
    )
    change.save()
    keep_foretold(change.release, evidence)
    tell_of_change(Event.PUBLISHED, change, actor=standing.actor)
    return change
