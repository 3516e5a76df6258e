from django.conf import settings
from django.db import models
from django_scopes import ScopedManager

from tenants.models import Intent, Tenant
from tenants.models.history import keep_history


@keep_history(without=("signals", "seen_at", "a_year", "stands"))
class Incident(models.Model):
    """Something that happens to an intent: opened by a monitor, acknowledged by a person, closed by either.

    `subject`: the threshold, feature or attribute that shows it most. `since`: the hour from which on; `seen_at`: the
    end of the latest hour that showed it. `a_year`: how often a year as much comes about by chance. `signals`: what
    stands out, as statistics/monitors/look.py has it. `note`: what a person has said of it last. `is_usual`: it was
    closed because it is to stay: from `since` on, things are as they should be. `stands`: it does so once all intents
    are judged together (monitors/over_intents.py), by their latest looks; of one that goes on.
    """

    class Kind(models.TextChoices):
        SCALE = "scale"
        RISK = "risk"
        DATA_FAULT = "data fault"
        CLIENT_CHANGED = "client changed"

    class State(models.TextChoices):
        OPEN = "open"
        ACKNOWLEDGED = "acknowledged"
        CLOSED = "closed"

    GOING_ON = (State.OPEN, State.ACKNOWLEDGED)

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="incidents")
    intent = models.ForeignKey(Intent, on_delete=models.CASCADE, related_name="incidents")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    state = models.CharField(max_length=16, choices=State.choices, default=State.OPEN)
    subject = models.TextField(blank=True)
    since = models.DateTimeField()
    opened_at = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    a_year = models.FloatField()
    signals = models.JSONField(default=list)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    note = models.TextField(blank=True)
    is_usual = models.BooleanField(default=False)
    stands = models.BooleanField(default=False, db_default=False)  # a former version opens incidents without it

    objects = ScopedManager(tenant="tenant")

    class Meta:
        ordering = ["-opened_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["intent", "kind"],
                condition=~models.Q(state="closed"),
                name="one_incident_of_a_kind_goes_on",
            ),
            models.CheckConstraint(
                condition=models.Q(state="closed", closed_at__isnull=False)
                | (~models.Q(state="closed") & models.Q(closed_at__isnull=True)),
                name="an_incident_is_closed_when_it_says_when",
            ),
        ]

    def __str__(self) -> str:
        return f"incident {self.pk}"

    @property
    def audit_name(self) -> str:
        """The number that people know an incident by."""
        return f"incident {self.pk}"
