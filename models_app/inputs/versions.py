"""Numbers of versions: the next of a name, given out to one at a time."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, models
from django.db.models import Max

from models_app.inputs.errors import invalid
from tenants.models.tenant import slug


def next_version(model: type[models.Model], name: str) -> int:
    """The version after the highest of `name`. Whoever else asks for the same name waits until this commits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{model._meta.label} {name}"])
    highest: dict[str, Any] = model._default_manager.filter(name=name).aggregate(highest=Max("version"))
    return (highest["highest"] or 0) + 1


def checked_name(name: str) -> str:
    """A name that keys and addresses can hold."""
    try:
        slug(name)
    except ValidationError as error:
        raise invalid("name", f"{error.message} Found {name!r}.") from None
    return name


def parsed_key(key: str, field: str) -> tuple[str, int]:
    """Name and version of a key `cards@4`."""
    name, _, version = key.rpartition("@")
    if not name or not (version.isascii() and version.isdigit()) or len(version) > 9:
        raise invalid(field, f"expected a key such as cards@4, found {key!r}")
    return name, int(version)
