"""The addresses of the console's pages in a large installation, each of something that is there."""

import re
from collections.abc import Mapping

from models_app.console.urls import urlpatterns
from models_app.incidents.models import Incident
from models_app.replacements.models import Replacement
from models_app.transforms.models import Fit, Transform
from tenants.models import AuditEntry, Intent
from tenants.scope import platform_scope

_NO_PAGE = re.compile("event_id|/export$")
_PARAMETER = re.compile(r"<\w+:(\w+)>")


def pages() -> list[str]:
    """All but files, and those of single events, which are of the lake. Raises KeyError for what is not known here."""
    place = _place()
    patterns = [each for each in (str(each.pattern) for each in urlpatterns) if not _NO_PAGE.search(each)]
    return [*(_address(pattern, {**place, **_names(pattern)}) for pattern in patterns), "intents?alerts=off"]


def _address(pattern: str, place: Mapping[str, object]) -> str:
    return _PARAMETER.sub(lambda found: str(place[found[1]]), pattern)


def _place() -> dict[str, object]:
    with platform_scope():
        intent = Intent.objects.filter(tenant__slug="client-000").earliest("pk")
        fit = Fit.objects.filter(tenant__slug="client-000").earliest("pk").pk
        transform = Transform.objects.filter(tenant__slug="client-000").earliest("pk").pk
        replacement = Replacement.objects.earliest("pk").pk
        incident = Incident.objects.filter(tenant__slug="client-000").earliest("pk").pk
        entry = AuditEntry.objects.filter(tenant__slug="client-000").earliest("pk").pk
    place = {"tenant": "client-000", "intent": intent.name, "fit": fit, "transform": transform, "proposal": replacement}
    place |= {"incident": incident, "entry": entry, "of": "intent", "key": intent.pk}
    return {**place, "change": 1, "number": 2, "version": 1, "kind": "predictors"}


def _names(pattern: str) -> Mapping[str, str]:
    """Names of what is shared, by where they stand."""
    names = {"models": "model-000", "predictors": "predictor-000", "references": "large"}
    return {"name": names.get(pattern.split("/")[0], "")}
