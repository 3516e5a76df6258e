"""What is told of standing approvals. Services call this, in their transactions."""

from django.urls import reverse

from models_app.changes.selectors import policy_of
from models_app.changes.standing_approvals.models import StandingApproval
from models_app.changes.writers import writers
from models_app.notifications.events import Event
from models_app.notifications.notify import tell
from models_app.statistics.in_words import percent
from tenants.models import Person
from tenants.roles import Permission, Role


def tell_of_standing_approval(event: Event, approval: StandingApproval, *, actor: Person | None, text: str) -> None:
    """Tell who may approve that it waits, and everybody that it holds or has ended."""
    tenant, intent = approval.tenant, approval.intent.name
    needs_admin = policy_of(tenant).approver_role == Role.ADMIN
    tell(
        event,
        tenant=tenant,
        subject=f"{tenant}: standing approval {approval.number} of {intent}",
        page=reverse("console:refreshes", kwargs={"tenant": tenant.slug, "intent": intent}),
        text="\n".join([text, *(f"- {line}" for line in in_words(approval))]),
        data={"standing_approval": approval.number, "intent": intent, "digest": approval.digest},
        author=approval.author,
        without=[actor, *writers(approval)] if event is Event.STANDING_PROPOSED else [],
        reviewers_may=Permission.MANAGE_TENANT if needs_admin else Permission.APPROVE,
    )


def in_words(approval: StandingApproval) -> list[str]:
    """What is approved with it, a line each."""
    rates = f"{percent(approval.rate_tolerance)} of it{approval.or_alerts}"
    of = f"{approval.intent.name} with {approval.predictor.key} to {approval.reference.key}"
    return [
        f"Refreshes of {of} go live by themselves until {approval.until:%Y-%m-%d %H:%M} UTC.",
        f"No declared alert rate moves by more than {rates}, and fits know each as closely.",
        f"No score moves by more than {approval.mapping_tolerance:.3g}.",
    ]
