"""Telling people of incidents, as they begin and end. Services call this, in their transactions."""

from django.urls import reverse

from models_app.incidents import words
from models_app.incidents.models import Incident
from models_app.notifications.events import Event
from models_app.notifications.notify import tell


def tell_of_incident(event: Event, incident: Incident) -> None:
    """Tell that it was opened, or closed."""
    tenant, intent = incident.tenant, incident.intent.name
    tell(
        event,
        tenant=tenant,
        subject=f"{tenant}: incident {incident.pk} of {intent} ({incident.kind})",
        page=reverse("console:incident", kwargs={"tenant": tenant.slug, "incident": incident.pk}),
        text=" ".join(f"{words.of_signal(each)}." for each in incident.signals[:3]),
        data={
            "incident": incident.pk,
            "intent": intent,
            "kind": incident.kind,
            "subject": incident.subject,
            "since": incident.since.isoformat(),
        },
    )
