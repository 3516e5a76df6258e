"""How services refuse a value at its field; tenants/refusals.py has the other ways to refuse."""

from django.core.exceptions import ValidationError


def invalid(field: str, message: str) -> ValidationError:
    """A value that cannot be accepted: the field, and what was expected, what was found and the way out."""
    return ValidationError({field: [message]})
