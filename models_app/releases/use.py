"""Where models, predictors and transforms are live: what the current releases of the tenants in the scope name."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

from scoring.engine import document as documents
from scoring.models import CurrentRelease, Release

MOST_KNOWN = 5_000  # documents of which it is known what they name, in each process


@dataclass(frozen=True)
class Served:
    """What one document serves: predictors and transforms that answer, those that are shadows, predictors by model."""

    predictors: frozenset[str]
    transforms: frozenset[int]
    shadows: frozenset[int]
    by_model: Mapping[str, frozenset[str]]

    def answers_with(self, model: str) -> bool:
        """Whether a predictor that answers is made of it."""
        return not self.by_model.get(model, frozenset()).isdisjoint(self.predictors)


class InUse:
    """The current releases in the scope, read once. Documents never change, so each is decoded once in a process."""

    @cached_property
    def by_tenant(self) -> Mapping[int, tuple[int, Served]]:
        """The number of each tenant's release, and what it serves."""
        rows = list(CurrentRelease.objects.values_list("tenant_id", "release__number", "release__digest"))
        _learn({digest for *_, digest in rows} - _known.keys())
        return {tenant: (number, _known[digest]) for tenant, number, digest in rows}

    def tenants_of_predictor(self, key: str) -> int:
        """Return in how many tenants the predictor is live."""
        return sum(key in served.predictors for _, served in self.by_tenant.values())

    def tenants_of_model(self, key: str) -> int:
        """Return in how many tenants a predictor made of the model is live."""
        return sum(served.answers_with(key) for _, served in self.by_tenant.values())

    @cached_property
    def transforms(self) -> frozenset[int]:
        """All that answer."""
        return frozenset().union(*(served.transforms for _, served in self.by_tenant.values()))


_known: dict[str, Served] = {}


def _learn(digests: Collection[str]) -> None:
    if not digests:
        return
    if len(_known) > MOST_KNOWN:
        _known.clear()
    for digest, text in Release.objects.filter(digest__in=list(digests)).values_list("digest", "document").iterator():
        _known[digest] = _served(documents.decode(text))


def _served(document: documents.ReleaseDocument) -> Served:
    routes = [route for intent in document.intents.values() for route in intent.routes]
    by_model: dict[str, set[str]] = {}
    for key, predictor in document.predictors.items():
        for member in predictor.members:
            by_model.setdefault(member.model, set()).add(key)
    return Served(
        predictors=frozenset(each.predictor for route in routes for each in route.answering),
        transforms=frozenset(each.transform for route in routes for each in route.answering),
        shadows=frozenset(shadow.transform for route in routes for shadow in route.shadows),
        by_model={name: frozenset(keys) for name, keys in by_model.items()},
    )
