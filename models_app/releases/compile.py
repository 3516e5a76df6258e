"""Compiling a tenant's configuration into a release document."""

from collections.abc import Iterable, Mapping

from django.core.exceptions import ValidationError

from models_app.catalog.models import ModelVersion, PredictorVersion
from models_app.catalog.selectors import predictor_by_key
from models_app.catalog.to_document import model_part, predictor_part
from models_app.inputs.errors import invalid
from models_app.inputs.schema import difference, read_features, takes_null
from models_app.intents.to_document import features_of, intent_part
from models_app.releases.fallbacks import with_fallbacks, without
from models_app.transforms.models import Transform
from models_app.transforms.to_document import transform_part
from scoring.engine import document
from tenants.models import Intent, Tenant


def compile_document(
    tenant: Tenant, routes: Mapping[str, tuple[document.Route, ...]], live: document.ReleaseDocument | None
) -> document.ReleaseDocument:
    """What the tenant would be served with: `live`, with the named intents as they are configured now.

    No routes take an intent out of service. Raises ValidationError naming the route, for a predictor or a transform
    that does not fit it.
    """
    draft = _Draft(tenant, live)
    for name, of_intent in routes.items():
        draft.replace(name, of_intent)
    return draft.finished()


class _Draft:
    """A document in the making; in the end it keeps only what its intents refer to."""

    def __init__(self, tenant: Tenant, live: document.ReleaseDocument | None) -> None:
        self._tenant = tenant
        self._live = live
        self._named: set[str] = set()
        self._intents = dict(live.intents) if live else {}
        self._predictors = dict(live.predictors) if live else {}
        self._transforms = dict(live.transforms) if live else {}
        self._models = dict(live.models) if live else {}
        self._rows: dict[str, PredictorVersion] = {}

    def replace(self, name: str, routes: tuple[document.Route, ...]) -> None:
        """Take an intent as it is configured now, with these routes."""
        self._named.add(name)
        if not routes:
            if self._intents.pop(name, None) is None:
                raise invalid(f"routes.{name}", "expected routes; the intent is not in service, so none end nothing")
            return
        intent = Intent.objects.filter(tenant=self._tenant, name=name).first()
        if intent is None:
            raise invalid(f"routes.{name}", "there is no such intent")
        _check_names(name, routes)
        for place, target in _targets(name, routes):
            self._take(place, intent, target)
        wanted = with_fallbacks(intent, routes, self._live.intents.get(name) if self._live else None)
        self._intents[name] = intent_part(intent, tuple(self._fitting(intent, route) for route in wanted))

    def finished(self) -> document.ReleaseDocument:
        """Return the document with only what its intents refer to.

        Raises ValidationError where an intent that is not named would change.
        """
        everything = document.ReleaseDocument(
            tenant=self._tenant.slug,
            intents=self._intents,
            predictors=self._predictors,
            transforms=self._transforms,
            models=self._models,
        )
        for name in self._intents.keys() - self._named:
            self._check_untouched(name, everything)
        return document.only(everything, everything.intents)

    def _check_untouched(self, name: str, everything: document.ReleaseDocument) -> None:
        """Refuse to change how an intent that was not named is served. Keys of old releases may mean something else."""
        if self._live is not None and document.only(everything, [name]) != document.only(self._live, [name]):
            words = f"{name} is served with other models or transforms under these names: name its routes as well"
            raise invalid("routes", words)

    def _take(self, place: str, intent: Intent, target: document.Target) -> None:
        predictor = self._predictor(f"{place}.predictor", intent, target.predictor)
        transform = _transform(f"{place}.transform", intent, predictor, target.transform)
        self._predictors[predictor.key] = predictor_part(predictor)
        self._transforms[str(transform.pk)] = transform_part(transform)
        self._models |= {member.model.key: model_part(member.model) for member in predictor.members.all()}

    def _fitting(self, intent: Intent, route: document.Route) -> document.Route:
        """The route without a previous predictor that does not fit the intent any more; what it needs is taken."""
        for target in route.answering[1:]:
            try:
                self._take(f"routes.{intent.name}", intent, target)
            except ValidationError:
                route = without(route, target)
        return route

    def _predictor(self, place: str, intent: Intent, key: str) -> PredictorVersion:
        row = self._rows.get(key)
        if row is None:
            row = self._rows[key] = predictor_by_key(key, place)
        for member in row.members.all():
            _check_model(place, intent, member.model)
        return row


def _targets(name: str, routes: Iterable[document.Route]) -> Iterable[tuple[str, document.Target]]:
    """Yield every (predictor, transform) of an intent's routes, with its place."""
    for number, route in enumerate(routes):
        place = f"routes.{name}[{number}]"
        yield f"{place}.live", route.live
        for index, shadow in enumerate(route.shadows):
            yield f"{place}.shadows[{index}]", shadow


def _check_names(name: str, routes: tuple[document.Route, ...]) -> None:
    names = [route.name for route in routes]
    for number, each in enumerate(names):
        if not each:
            raise invalid(f"routes.{name}[{number}].name", "expected a name, found an empty text")
        if each in names[:number]:
            raise invalid(f"routes.{name}[{number}].name", f"expected another name, '{each}' is taken")


def _transform(place: str, intent: Intent, predictor: PredictorVersion, number: int) -> Transform:
    rows = Transform.objects.filter(tenant_id=intent.tenant_id, pk=number)
    transform = rows.select_related("intent", "predictor", "reference").first()
    if transform is None:
        raise invalid(place, f"there is no transform {number}")
    if transform.intent != intent:
        raise invalid(place, f"expected a transform of {intent.name}, {number} is of {transform.intent.name}")
    if transform.predictor != predictor:
        raise invalid(place, f"expected a transform of {predictor.key}, {number} is of {transform.predictor.key}")
    return transform


def _check_model(place: str, intent: Intent, model: ModelVersion) -> None:
    """What the document cannot tell: that the model was checked, and for features as the intent declares them."""
    if model.state != ModelVersion.State.USABLE:
        raise invalid(place, f"model {model.key} is {model.state}")
    declared = {feature.name: feature for feature in features_of(intent)}
    for feature in read_features(model.features):
        own = declared.get(feature.name)
        if own is None:
            raise invalid(place, f"model {model.key} needs the feature '{feature.name}', which {intent.name} lacks")
        conflict = difference(own, feature)
        if conflict:
            raise invalid(place, f"feature '{feature.name}': {conflict} ({intent.name} against model {model.key})")
        if takes_null(own) and not takes_null(feature):
            raise invalid(place, f"feature '{feature.name}' may be null in {intent.name}, model {model.key} forbids it")
