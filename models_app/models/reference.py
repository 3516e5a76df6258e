from django.db import models

from models_app.models.versioned import Versioned
from tenants.models.history import keep_history


@keep_history()
class ReferenceDistribution(Versioned):
    """The fixed distribution that scores follow, named and versioned; never changed.

    `parameters`: for a Beta {"a", "b"}, for a curve {"points": [{"score", "alert_rate"}, …]}.
    """

    class Kind(models.TextChoices):
        BETA = "beta", "Beta"
        CURVE = "curve", "curve of target alert rates"

    kind = models.CharField(max_length=16, choices=Kind.choices)
    parameters = models.JSONField()

    class Meta(Versioned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["name", "version"], name="one_reference_of_a_version"),
            models.CheckConstraint(condition=models.Q(kind__in=["beta", "curve"]), name="reference_kind_is_known"),
        ]
