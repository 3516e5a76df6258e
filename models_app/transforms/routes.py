"""The routes that a transform is for, and so the events that it is made of.

Routes are those of a release; that is kept with what was asked for, so that it can be told later what its events were.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from models_app.catalog.models import PredictorVersion
from models_app.inputs.errors import invalid
from models_app.transforms.source import SampleSource, Source, WindowSource
from scoring import releases
from scoring.engine import document as documents
from scoring.lake.routed import Routed
from scoring.models import Release
from tenants.models import Intent, Tenant


@dataclass(frozen=True)
class Chosen:
    """The routes of these names, in a release; no names stand for all events."""

    routes: tuple[str, ...] = ()
    release: int | None = None


ALL = Chosen()


def with_routes(source: Source, tenant: Tenant, intent: Intent, predictor: PredictorVersion) -> Source:
    """The source with the routes whose events it takes. Raises ValidationError as `chosen` does."""
    if isinstance(source, SampleSource):
        return source
    found = chosen(tenant, intent, predictor, source.routes, source.release, "source.")
    return msgspec.structs.replace(source, routes=found.routes, release=found.release)


def chosen(
    tenant: Tenant,
    intent: Intent,
    predictor: PredictorVersion,
    names: Sequence[str],
    number: int | None = None,
    where: str = "",
) -> Chosen:
    """The routes of these names in a release, which is the live one by default.

    Without names it is all events where the intent has one route or none yet, and else those routes on which the
    predictor answers. Raises ValidationError for others, and where it answers on none of several.
    """
    release = _release(tenant, number, where)
    part = _served(release, intent.name)
    route_names = [route.name for route in part.routes] if part else []
    if unknown := [name for name in names if name not in route_names]:
        raise invalid(f"{where}routes", f"expected some of {_listed(route_names)}, found {unknown[0]!r}")
    if part is None or (len(route_names) == 1 and not names):
        return ALL
    live = [route.name for route in part.routes if route.live.predictor == predictor.key]
    taken = [name for name in route_names if name in (names or live)]
    if not taken:
        message = f"the intent has several routes and {predictor.key} answers on none of them"
        raise invalid(f"{where}routes", f"{message}; name those that the transform is for, of {_listed(route_names)}")
    assert release is not None
    return Chosen(tuple(taken), release.number)


def events_of(tenant_id: int, intent: str, source: WindowSource | Chosen) -> Routed | None:
    """Which events are of the chosen routes; None stands for all."""
    if not source.routes or source.release is None:
        return None
    release = Release.objects.get(tenant=tenant_id, number=source.release)
    return Routed(documents.decode(release.document).intents[intent], frozenset(source.routes))


def routes_in_words(routes: Sequence[str]) -> str:
    """Name the routes in words: `route ‘web’`."""
    return f"route{'s' if len(routes) > 1 else ''} {' and '.join(f'‘{name}’' for name in routes)}"


def _release(tenant: Tenant, number: int | None, where: str) -> Release | None:
    if number is None:
        return releases.current(tenant)
    found = Release.objects.filter(tenant=tenant, number=number).first()
    if found is None:
        raise invalid(f"{where}release", f"there is no release {number}")
    return found


def _served(release: Release | None, intent: str) -> documents.Intent | None:
    return documents.decode(release.document).intents.get(intent) if release else None


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "none, for no release serves the intent"
