"""What can be chosen in forms, by who chooses."""

from collections.abc import Iterable

from models_app.models import PredictorVersion, ReferenceDistribution, Transform
from models_app.models.versioned import Versioned
from models_app.selectors import catalog
from tenants.models import Person, Tenant
from tenants.permissions import may
from tenants.roles import Act

WINDOWS = (
    ("recorded", "Recorded scores, live or shadow"),
    ("replay", "Recorded features, through the predictor again"),
)


def predictors(person: Person, tenant: Tenant | None = None) -> list[tuple[str, str]]:
    """All for who may see what is shared; else those that the tenant's own transforms are for."""
    if may(person, Act.VIEW_SHARED):
        return _keys(catalog.predictors())
    return _keys(PredictorVersion.objects.filter(transforms__tenant=tenant).distinct())


def references(person: Person, tenant: Tenant) -> list[tuple[str, str]]:
    if may(person, Act.VIEW_SHARED):
        return _keys(catalog.references())
    return _keys(ReferenceDistribution.objects.filter(transforms__tenant=tenant).distinct())


def transforms(tenant: Tenant) -> list[tuple[str, str]]:
    """Newest first."""
    rows = Transform.objects.filter(tenant=tenant).select_related("intent__tenant", "predictor", "reference")
    newest = rows.defer("x", "y", "report")[:200]
    return [(str(row.pk), f"{row.pk}: {row.intent.name}, {row.predictor.key}, {row.kind}") for row in newest]


def _keys(rows: Iterable[Versioned]) -> list[tuple[str, str]]:
    return [(row.key, row.key) for row in rows]
