"""Checks that several services share."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.utils import timezone


def check_future(field: str, at: datetime | None) -> None:
    """Refuse a time that is over. Raises ValidationError naming the field."""
    if at is not None and at <= timezone.now():
        raise ValidationError({field: f"expected a time in the future, found {at.isoformat()}"})
