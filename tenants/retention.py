"""For how long a tenant's events are kept, and what is told or counted of them."""

from datetime import timedelta

from django.db.models import DateTimeField, ExpressionWrapper
from django.db.models.functions import Coalesce
from django.utils import timezone


def kept_since(days: int) -> ExpressionWrapper:
    """The time before which rows with a `tenant` are deleted. `days`: of tenants that have no number of their own."""
    kept_for = Coalesce("tenant__retention_days", days) * timedelta(days=1)
    return ExpressionWrapper(timezone.now() - kept_for, DateTimeField())
