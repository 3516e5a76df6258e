"""What is told of policy changes. Services call this, in their transactions."""

from django.urls import reverse

from models_app.changes.policy_changes.models import PolicyChange
from models_app.changes.policy_changes.subjects import managing
from models_app.changes.policy_changes.words import differences, what
from models_app.notifications.events import Event
from models_app.notifications.notify import tell
from tenants.models import Person


def tell_of_policy_change(event: Event, change: PolicyChange, *, actor: Person, text: str) -> None:
    """Tell who decides that it waits, everybody that it holds, or its author that it was rejected."""
    tell(
        event,
        tenant=change.tenant,
        subject=f"{change.tenant or 'The platform'}: policy change {change.number}, {what(change)},",
        page=_page(change),
        text="\n".join([text, *(f"- {line}" for line in differences(change))]),
        data={"policy_change": change.number, "kind": change.kind, "subject": change.subject, "after": change.after},
        author=change.author,
        without=[actor] if event is Event.POLICY_PROPOSED else [],
        reviewers_may=managing(change.tenant),
    )


def _page(change: PolicyChange) -> str:
    return (
        reverse("console:policy", kwargs={"tenant": change.tenant.slug}) if change.tenant else reverse("console:people")
    )
