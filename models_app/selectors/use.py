"""Where models and predictors are live: what the current releases of the tenants in the scope name."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from django.db.models import QuerySet

from scoring.engine import document as documents
from scoring.models import CurrentRelease, Release

MOST_KNOWN = 5_000  # documents of which it is known what they name, in each process


@dataclass(frozen=True)
class Served:
    """What one document serves: intents by predictor, live and as a shadow; predictors by model."""

    live: Mapping[str, tuple[str, ...]]
    shadows: Mapping[str, tuple[str, ...]]
    by_model: Mapping[str, frozenset[str]]

    def names_model(self, key: str) -> bool:
        """Whether a live predictor is made of it."""
        return not self.by_model.get(key, frozenset()).isdisjoint(self.live)


class InUse:
    """The current releases in the scope, read once. Documents never change, so each is decoded once in a process."""

    @cached_property
    def _by_digest(self) -> Mapping[str, Served]:
        digests = set(CurrentRelease.objects.values_list("release__digest", flat=True))
        _learn(digests - _known.keys())
        return {digest: _known[digest] for digest in digests}

    @cached_property
    def _tenants(self) -> list[str]:
        return list(CurrentRelease.objects.values_list("release__digest", flat=True))

    def tenants_of_predictor(self, key: str) -> int:
        """In how many tenants it answers now."""
        return sum(key in self._by_digest[digest].live for digest in self._tenants)

    def tenants_of_model(self, key: str) -> int:
        """In how many tenants a predictor that is made of it answers now."""
        return sum(self._by_digest[digest].names_model(key) for digest in self._tenants)

    def releases_with_predictor(self, key: str) -> QuerySet[CurrentRelease]:
        """Pointers to the current releases in which it is live or a shadow."""
        return _pointers(digest for digest, each in self._by_digest.items() if key in each.live or key in each.shadows)

    def releases_with_model(self, key: str) -> QuerySet[CurrentRelease]:
        """Pointers to the current releases that have it in a predictor."""
        return _pointers(digest for digest, each in self._by_digest.items() if key in each.by_model)

    def of(self, pointer: CurrentRelease) -> Served:
        return self._by_digest[pointer.release.digest]


_known: dict[str, Served] = {}


def _learn(digests: Iterable[str]) -> None:
    if len(_known) > MOST_KNOWN:
        _known.clear()
    for digest, text in Release.objects.filter(digest__in=list(digests)).values_list("digest", "document").iterator():
        _known[digest] = _served(documents.decode(text))


def _served(document: documents.ReleaseDocument) -> Served:
    live: dict[str, list[str]] = {}
    shadows: dict[str, list[str]] = {}
    for name, intent in document.intents.items():
        for route in intent.routes:
            for group, targets in ((live, (route.live,)), (shadows, route.shadows)):
                for target in targets:
                    group.setdefault(target.predictor, []).append(name)
    by_model: dict[str, set[str]] = {}
    for key, predictor in document.predictors.items():
        for member in predictor.members:
            by_model.setdefault(document.models[member.model].name, set()).add(key)
    return Served(_distinct(live), _distinct(shadows), {name: frozenset(keys) for name, keys in by_model.items()})


def _distinct(found: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {key: tuple(sorted(set(names))) for key, names in found.items()}


def _pointers(digests: Iterable[str]) -> QuerySet[CurrentRelease]:
    rows = CurrentRelease.objects.filter(release__digest__in=list(digests)).select_related("tenant", "release")
    return rows.defer("release__document").order_by("tenant__name")
