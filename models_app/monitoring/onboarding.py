"""How far an installation is on its way to the first score."""

from django.db.models import Exists

from models_app.catalog.models import ModelVersion, PredictorVersion
from models_app.transforms.models import Transform
from scoring.models import CurrentRelease, HourStatistics
from tenants.models import ApiKey, Intent, Person, Tenant

STEPS = ("tenant", "intent", "model", "predictor", "transform", "release", "key", "score")


def done(person: Person) -> dict[str, bool]:
    """For each step in order, whether a row for it exists within the scope."""
    rows = {
        "tenant": Tenant.objects.all(),
        "intent": Intent.objects.all(),
        "model": ModelVersion.objects.filter(state=ModelVersion.State.USABLE),
        "predictor": PredictorVersion.objects.all(),
        "transform": Transform.objects.all(),
        "release": CurrentRelease.objects.all(),
        "key": ApiKey.objects.all(),
        "score": HourStatistics.objects.all(),
    }
    there = Person.objects.filter(pk=person.pk).values_list(*(Exists(rows[step]) for step in STEPS))
    return dict(zip(STEPS, there.get(), strict=True))
