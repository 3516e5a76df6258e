"""How services refuse: what is not valid in itself, at its field; what is in conflict with what is there; too much."""

from django.core.exceptions import ValidationError

from tenants.refusals import Conflict, TooLarge


def invalid(field: str, message: str) -> ValidationError:
    """A value that cannot be accepted: the field, and what was expected, what was found and the way out."""
    return ValidationError({field: [message]})


def conflict(message: str) -> Conflict:
    """A request that is well formed and cannot be done now."""
    return Conflict(message)


def too_large(message: str) -> TooLarge:
    """An upload beyond its limit."""
    return TooLarge(message)
