from django.db import models
from django_scopes import ScopedManager

from models_app.work.dispatch import LATER
from models_app.work.models import LongWork
from tenants.models import Intent, Tenant


class Monitor(models.Model):
    """What is known of an intent after its latest look.

    `looked_at`: the end of the latest hour that was looked at. `known`: what the weeks before tell; `watches`: what the
    hours since a transform went live say of each threshold; `signals`: what stands out, as statistics/monitors has
    them. `a_year`: how often a year as much as the first of them comes about by chance. `measured`: what is beside,
    as monitors/measured.py has it; `labels`: what is known of those, as monitors/labels.py has it.
    `library`: signatures of known fraud (monitors/library.py).
    """

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="+")
    intent = models.OneToOneField(Intent, on_delete=models.CASCADE, related_name="monitor")
    looked_at = models.DateTimeField()
    known = models.JSONField(default=dict)
    watches = models.JSONField(default=dict)
    signals = models.JSONField(default=list)
    a_year = models.FloatField(null=True, blank=True)
    measured = models.JSONField(null=True, blank=True)
    library = models.BinaryField(null=True, blank=True)
    labels = models.JSONField(default=dict, db_default={})  # a former version makes monitors without it

    objects = ScopedManager(tenant="tenant")

    class Meta:
        ordering = ["a_year", "id"]

    def __str__(self) -> str:
        return f"monitor of {self.intent}"


class Look(LongWork):
    """A look at an intent after an hour, and after those before it that nobody has looked at. `until`: its end."""

    KIND = "look"
    WORK = "models_app.monitors.run.run_look"
    PRIORITY = LATER

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="+")
    intent = models.ForeignKey(Intent, on_delete=models.CASCADE, related_name="looks")
    until = models.DateTimeField()

    objects = ScopedManager(tenant="tenant")

    class Meta(LongWork.Meta):
        ordering = ["-until", "-id"]
        constraints = [models.UniqueConstraint(fields=["intent", "until"], name="one_look_after_an_hour")]

    def __str__(self) -> str:
        return f"look at {self.intent} up to {self.until:%Y-%m-%d %H:%M}"
