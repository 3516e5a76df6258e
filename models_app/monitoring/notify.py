"""What is told of the data plane's own troubles. Services call this, in their transactions."""

from django.urls import reverse

from models_app.notifications.events import Event
from models_app.notifications.notify import tell
from scoring.models import QuarantinedTable
from tenants.models import Tenant


def tell_of_degraded_events(tenant: Tenant, intent: str, events: int) -> None:
    """Notify people that the live predictor of an intent does not answer so many events."""
    tell(
        Event.DEGRADED,
        tenant=tenant,
        subject=f"{tenant}: {intent}",
        page=reverse("console:intent", kwargs={"tenant": tenant.slug, "intent": intent}),
        text=f"{events:,} events of the last hours were answered by what is declared for that. "
        "Fits and evidence leave them out.",
        data={"intent": intent, "events": events},
    )


def tell_of_quarantine(row: QuarantinedTable) -> None:
    """Notify people of an event table that a machine cannot write."""
    kept = f"{row.records:,} records wait on {row.machine}"
    tell(
        Event.QUARANTINED,
        tenant=row.tenant,
        subject=f"{row.tenant}: the table of {row.intent}'s {row.kind}",
        page=reverse("console:intent", kwargs={"tenant": row.tenant.slug, "intent": row.intent}),
        text=f"{kept}, and are written once the table can be. {row.reason}",
        data={"intent": row.intent, "kind": row.kind, "machine": row.machine, "reason": row.reason},
    )
