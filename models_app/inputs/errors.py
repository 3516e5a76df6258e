"""How services refuse: 422 for what is not valid in itself, 409 for what is in conflict with what is there."""

from django.core.exceptions import ValidationError

from tenants.api.problems import TITLES, Problem


def invalid(field: str, message: str) -> ValidationError:
    """A value that cannot be accepted: the field, and what was expected, what was found and the way out."""
    return ValidationError({field: [message]})


def conflict(message: str) -> Problem:
    """A request that is well formed and cannot be done now."""
    return Problem(409, TITLES[409], message)


def too_large(message: str) -> Problem:
    """An upload beyond its limit."""
    return Problem(413, TITLES[413], message)
