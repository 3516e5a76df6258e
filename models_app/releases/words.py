"""What changes from one release document to the next, in sentences; document_diff has the same place by place."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models_app.releases.fallbacks import fallbacks_in_words
from models_app.transforms.routes import routes_in_words
from scoring.engine.document import Condition, Intent, ReleaseDocument, Route, Target, Threshold


def in_words(
    before: ReleaseDocument | None,
    after: ReleaseDocument,
    origins: Mapping[int, str] | None = None,
    only: str | None = None,
) -> list[str]:
    """Return each change as a sentence, intent by intent, or of the intent `only`.

    `origins`: what transforms were made of, in words, by their ids.
    """
    sides = _Sides(before, after, origins or {})
    was = before.intents if before else {}
    return [
        sentence
        for name in sorted(was.keys() | after.intents.keys())
        if only in (None, name)
        for sentence in sides.of_intent(name, was.get(name), after.intents.get(name))
    ]


def when_in_words(route: Route) -> str:
    """Say which events a route takes: `channel is web or app and amount ≥ 10`, or `always`."""
    return " and ".join(_condition(each) for each in route.when) or "always"


def origin_in_words(source: Mapping[str, Any] | None) -> str:
    """What a transform was made of, by its report: `fitted on 27 days of recorded scores up to 2026-11-12`."""
    if not source:
        return ""
    routes = f", for {routes_in_words(source['routes'])}" if source.get("routes") else ""
    return f"{_origin(source)}{routes}"


def _origin(source: Mapping[str, Any]) -> str:
    if source["kind"] == "validation":
        return "made of validation scores"
    if source["kind"] == "pooled":
        return f"made of {source['events']:,} events of {source['tenants']:,} other tenants"
    if source["kind"] == "sample":
        return f"fitted on sample {source['sample']}"
    end = source.get("end") or source.get("as_of")
    until = f" up to {str(end)[:10]}" if end else ""
    return f"fitted on {source['days']:g} days of {_FITTED_ON.get(source['kind'], 'recorded events')}{until}"


_FITTED_ON = {"recorded": "recorded scores", "replay": "replayed events"}


@dataclass(frozen=True)
class _Sides:
    before: ReleaseDocument | None
    after: ReleaseDocument
    origins: Mapping[int, str]

    def of_intent(self, name: str, was: Intent | None, now: Intent | None) -> Iterator[str]:
        if was is not None and now is None:
            yield f"{name} is taken out of service: its clients get an error instead of a score."
        elif was is None and now is not None:
            for route in now.routes:
                yield f"{name} is served for the first time: {self._served(route)}."
        elif was is not None and now is not None:
            yield from self._routes(name, was.routes, now.routes)
            yield from _settings(name, was, now)

    def _served(self, route: Route) -> str:
        """Say what a route serves: `cards@2 is live through transform 7 (custom), with cards@3 as a shadow, …`."""
        shadows = " and ".join(each.predictor for each in route.shadows)
        beside = f", with {shadows} as {'a shadow' if len(route.shadows) == 1 else 'shadows'}" if shadows else ""
        where = f", where {when_in_words(route)}" if route.when else ""
        instead = f"; if it fails, what answers is {fallbacks_in_words(route)}" if route.fallbacks else ""
        return f"{route.live.predictor} is live through {self._transform(route.live)}{beside}{where}{instead}"

    def _routes(self, name: str, was: Sequence[Route], now: Sequence[Route]) -> Iterator[str]:
        before, after = {each.name: each for each in was}, {each.name: each for each in now}
        for route in now:
            place = f"{name}, route ‘{route.name}’"
            if route.name not in before:
                yield f"{place} is new: {self._served(route)}."
            elif changes := list(self._route(before[route.name], route)):
                yield f"{place}: {'; '.join(changes)}."
        for route in was:
            if route.name not in after:
                yield f"{name}, route ‘{route.name}’ is removed: {route.live.predictor} was live in it."
        kept = [each for each in before if each in after], [each for each in after if each in before]
        if kept[0] != kept[1]:
            yield f"{name}: the routes are evaluated in another order: {', '.join(each.name for each in now)}."

    def _route(self, was: Route, now: Route) -> Iterator[str]:
        if was.live.predictor != now.live.predictor:
            yield f"{now.live.predictor} is live instead of {was.live.predictor}"
            yield f"its transform is {self._number(now.live)} instead of {self._number(was.live)}"
        elif was.live != now.live:
            with_what = f"{self._transform(now.live)} instead of {was.live.transform}"
            yield f"{now.live.predictor} stays live, through {with_what}"
        if was.when != now.when:
            yield f"it is for {_events(now)} instead of {_events(was)}"
        if was.fallbacks != now.fallbacks:
            yield f"if {now.live.predictor} fails, what answers is {fallbacks_in_words(now)}"
        yield from self._shadows(was, now)

    def _shadows(self, was: Route, now: Route) -> Iterator[str]:
        before, after = _by_predictor(was.shadows), _by_predictor(now.shadows)
        for key, target in after.items():
            if key not in before:
                by = "" if target == was.live else f", through {self._transform(target)}"
                yield f"{key} becomes a shadow{by}"
            elif before[key] != target:
                yield f"the shadow {key} has {self._transform(target)} instead of {before[key].transform}"
        for key in before:
            if key not in after and key != now.live.predictor:
                yield f"{key} is no longer a shadow"

    def _transform(self, target: Target) -> str:
        return f"transform {self._number(target)}"

    def _number(self, target: Target) -> str:
        """Name a transform by its number and origin: `10 (custom, fitted on 27 days of recorded events)`."""
        number = str(target.transform)
        transforms = {**(self.before.transforms if self.before else {}), **self.after.transforms}
        kind, origin = transforms[number].kind if number in transforms else "", self.origins.get(target.transform, "")
        details = ", ".join(filter(None, [kind, origin]))
        return f"{number} ({details})" if details else number


def _events(route: Route) -> str:
    return f"events where {when_in_words(route)}" if route.when else "all events"


def _by_predictor(targets: Iterable[Target]) -> dict[str, Target]:
    return {each.predictor: each for each in targets}


# ---- what an intent is, beside its routes


def _settings(name: str, was: Intent, now: Intent) -> Iterator[str]:
    yield from _named(name, "threshold", was.thresholds, now.thresholds, _threshold)
    yield from _named(name, "feature", was.features, now.features, _type)
    yield from _named(name, "context attribute", was.context, now.context, _type)
    if was.keep_features != now.keep_features:
        yield f"{name}: the event log keeps these features: {_kept(now)} instead of {_kept(was)}."
    if was.idempotency_seconds != now.idempotency_seconds:
        within = f"{now.idempotency_seconds:,} s instead of {was.idempotency_seconds:,} s"
        yield f"{name}: the deduplication window is {within}."


def _named(name: str, kind: str, was: Iterable[Any], now: Iterable[Any], describe: Any) -> Iterator[str]:
    """Sentences on the named items that were added, removed or changed."""
    before, after = {each.name: each for each in was}, {each.name: each for each in now}
    for key in [*after, *(each for each in before if each not in after)]:
        if key not in before:
            yield f"{name}: {kind} ‘{key}’ is new: {describe(after[key])}."
        elif key not in after:
            yield f"{name}: {kind} ‘{key}’ is removed."
        elif before[key] != after[key]:
            now_is, was_is = describe(after[key]), describe(before[key])
            what = f"is {now_is} instead of {was_is}" if now_is != was_is else "has other bounds or choices"
            yield f"{name}: {kind} ‘{key}’ {what}."


def _threshold(threshold: Threshold) -> str:
    return f"{threshold.score:g}, {threshold.action}"


def _type(declared: Any) -> str:
    return str(declared.type)


def _kept(intent: Intent) -> str:
    return intent.keep_features if isinstance(intent.keep_features, str) else ", ".join(intent.keep_features)


def _condition(condition: Condition) -> str:
    bounds = []
    if condition.any_of:
        bounds.append(f"is {' or '.join(map(str, condition.any_of))}")
    if condition.none_of:
        bounds.append(f"is not {' or '.join(map(str, condition.none_of))}")
    if condition.minimum is not None:
        bounds.append(f"≥ {condition.minimum:g}")
    if condition.maximum is not None:
        bounds.append(f"≤ {condition.maximum:g}")
    return f"{condition.attribute} {' and '.join(bounds)}"
