import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django_scopes import ScopedManager

from tenants.models import Tenant


class Webhook(models.Model):
    """An address that is called when something happens: in one tenant, or (no tenant) in all of them.

    `seed`: what its secret is derived from, together with the installation's own; the secret itself is kept nowhere.
    `keeps_quiet_hours`: what is not urgent waits for the end of the tenant's quiet hours.
    """

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, null=True, blank=True, related_name="webhooks")
    url = models.CharField(max_length=2000)
    events = ArrayField(models.CharField(max_length=64))
    seed = models.CharField(max_length=64)
    is_active = models.BooleanField(default=True)
    keeps_quiet_hours = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True)

    objects = ScopedManager(tenant="tenant")

    class Meta:
        ordering = ["id"]
        constraints = [models.CheckConstraint(condition=models.Q(events__len__gt=0), name="webhook_is_told_something")]

    def __str__(self) -> str:
        return self.url

    @property
    def audit_name(self) -> str:
        """The audit trail names a webhook by its number: an address may hold secrets."""
        return f"webhook {self.pk}"


class Notification(models.Model):
    """Something that happened, as it is told; written in the transaction in which it happens.

    `uid` is what receivers know it by. `page`: where the console shows it. `data`: for programs, by the event.
    """

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, null=True, blank=True, related_name="notifications")
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    event = models.CharField(max_length=64)
    title = models.CharField(max_length=300)
    text = models.TextField(blank=True)
    page = models.CharField(max_length=300, blank=True)
    data = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ScopedManager(tenant="tenant")

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.title


class Delivery(models.Model):
    """A notification on its way to one person, by e-mail, or to one webhook; tried until it arrives or is given up.

    It belongs to the webhook's tenant, so that a tenant does not see what goes to the platform's own webhooks.
    `due_at`: when it is tried next.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        DELIVERED = "delivered"
        GIVEN_UP = "given up"

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, null=True, blank=True, related_name="deliveries")
    notification = models.ForeignKey(Notification, on_delete=models.CASCADE, related_name="deliveries")
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, null=True, blank=True, related_name="deliveries")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="deliveries"
    )
    state = models.CharField(max_length=16, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    tried_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)

    objects = ScopedManager(tenant="tenant")

    class Meta:
        verbose_name_plural = "deliveries"
        ordering = ["-id"]
        indexes = [models.Index(fields=["due_at"], condition=models.Q(state="waiting"), name="deliveries_that_wait")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(webhook=None, person__isnull=False) | models.Q(webhook__isnull=False, person=None),
                name="a_delivery_is_to_a_person_or_to_a_webhook",
            )
        ]

    def __str__(self) -> str:
        return f"delivery {self.pk}"
