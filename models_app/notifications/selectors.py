"""Reading webhooks and deliveries."""

from django.db.models import QuerySet

from models_app.notifications.models import Delivery, Webhook
from tenants.models import Tenant


def webhooks(tenant: Tenant | None) -> QuerySet[Webhook]:
    """A tenant's, or (None) the platform's own."""
    return Webhook.objects.filter(tenant=tenant).select_related("tenant", "created_by")


def deliveries(tenant: Tenant | None) -> QuerySet[Delivery]:
    """Return deliveries, newest first: a tenant's e-mails and calls, or (None) those of the platform's webhooks."""
    return Delivery.objects.filter(tenant=tenant).select_related("tenant", "notification", "webhook", "person")
