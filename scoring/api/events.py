"""GET /api/v1/tenants/{tenant}/events and …/event-counts: recorded events that meet a search, newest first."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from scoring.api.explain import EventId
from scoring.lake import delta
from scoring.lake.search import PAGE, SECONDS, EventSearch, NeverRecorded, Place, TooSlow, count_events, find_events
from tenants.api.base import Input, TenantView
from tenants.api.times import DayOrMoment
from tenants.models import Intent, Tenant
from tenants.refusals import Unavailable
from tenants.roles import Act

T = TypeVar("T")
STEPS = ("day", "hour")
OUTCOMES = ("positive", "negative", "none")


class ContextValue(serializers.CharField):
    """`name=value` as (name, value)."""

    def to_internal_value(self, value: Any) -> Any:
        name, equals, wanted = super().to_internal_value(value).partition("=")
        if not (name and equals):
            raise serializers.ValidationError("expected a name and a value, as channel=web")
        return name.strip(), wanted.strip()


class PlaceField(serializers.CharField):
    def to_internal_value(self, value: Any) -> Any:
        try:
            return Place.of(super().to_internal_value(value))
        except ValueError:
            raise serializers.ValidationError("expected what an answer has given as `older` or `newer`") from None


class EventFilters(Input):
    intent = serializers.CharField(required=False, max_length=63, help_text="Default: all of the tenant's.")
    since = DayOrMoment(required=False, help_text="Occurred then or later: a moment or a day (UTC).")
    until = DayOrMoment(
        required=False, whole=True, help_text="Occurred before: a moment, which does not count, or a day, which does."
    )
    min_score = serializers.FloatField(required=False, min_value=0, max_value=1, help_text="Scored so or higher.")
    max_score = serializers.FloatField(required=False, min_value=0, max_value=1, help_text="Scored so or lower.")
    threshold = serializers.CharField(
        required=False, help_text="The name of a declared threshold: scored at it or above."
    )
    predictor = serializers.CharField(required=False, help_text="The live one, as `cards@4`.")
    release = serializers.IntegerField(required=False, min_value=1, max_value=2**31 - 1)
    label = serializers.ChoiceField(OUTCOMES, required=False, help_text="The latest that was reported.")  # type: ignore[assignment]
    context = ContextValue(required=False, help_text="A context attribute's value, as `channel=web`.")  # type: ignore[assignment]
    id = EventId(required=False, max_length=200, help_text="What the event's id begins with.")

    def validate(self, filters: dict[str, Any]) -> dict[str, Any]:
        for low, high in (("since", "until"), ("min_score", "max_score")):
            if low in filters and high in filters and filters[low] > filters[high]:
                raise serializers.ValidationError({high: f"expected what is not below {low}"})
        return filters


class EventQuery(EventFilters):
    older_than = PlaceField(required=False, help_text="Go on from here: `older` of the page before.")
    newer_than = PlaceField(required=False, help_text="Go back from here: `newer` of the page before.")
    limit = serializers.IntegerField(default=PAGE, min_value=1, max_value=200)

    def validate(self, filters: dict[str, Any]) -> dict[str, Any]:
        if "older_than" in filters and "newer_than" in filters:
            raise serializers.ValidationError({"newer_than": "expected one of older_than and newer_than"})
        return super().validate(filters)


class CountQuery(EventFilters):
    step = serializers.ChoiceField(STEPS, default="day")


class FoundEvent(serializers.Serializer[dict[str, Any]]):
    event_id = serializers.CharField()
    intent = serializers.CharField()
    occurred_at = serializers.DateTimeField()
    score = serializers.FloatField()
    probability = serializers.FloatField()
    crossed = serializers.ListField(child=serializers.CharField(), help_text="Thresholds, as they are declared now.")
    predictor = serializers.CharField()
    transform = serializers.IntegerField()
    release = serializers.IntegerField()
    route = serializers.CharField()
    label = serializers.IntegerField(allow_null=True)  # type: ignore[assignment]


class FoundEvents(serializers.Serializer[dict[str, Any]]):
    events = FoundEvent(many=True)
    older = serializers.CharField(allow_null=True, help_text="For `older_than`, where there may be older events.")
    newer = serializers.CharField(allow_null=True, help_text="For `newer_than`, where there may be newer events.")
    reached = serializers.DateTimeField(
        allow_null=True, help_text="The time was over when the search had come here; go on by `older` or `newer`."
    )


class Count(serializers.Serializer[dict[str, Any]]):
    at = serializers.DateTimeField()
    events = serializers.IntegerField()


class Counts(serializers.Serializer[dict[str, Any]]):
    counts = Count(many=True)


class EventLooker:
    """What somebody looks for in a tenant's events. Raises ValidationError naming the field."""

    def __init__(self, tenant: Tenant, query: Mapping[str, Any], kind: type[EventFilters] = EventQuery) -> None:
        checked = kind(data={name: value for name, value in query.items() if value != ""})
        checked.is_valid(raise_exception=True)
        self.filters: dict[str, Any] = dict(checked.validated_data)
        rows = Intent.objects.filter(tenant=tenant).values_list("name", "thresholds")
        self.thresholds: dict[str, list[dict[str, Any]]] = dict(rows)
        self.search = self._search(tenant)

    def page(self) -> dict[str, Any]:
        """Events, each with the thresholds that it crosses, and how to go on. Raises Unavailable."""
        asked = self.filters
        how = {"older_than": asked.get("older_than"), "newer_than": asked.get("newer_than"), "limit": asked["limit"]}
        found = _answered(lambda: find_events(self.search, **how))
        events = [{**row, "crossed": self._crossed(row["intent"], row["score"])} for row in found.events]
        edges = {name: place and place.text for name, place in (("older", found.older), ("newer", found.newer))}
        return {"events": events, **edges, "reached": found.reached}

    def counts(self, step: str, *, seconds: float = SECONDS) -> list[tuple[datetime, int]]:
        """How many events each day or hour has. Raises Unavailable."""
        return _answered(lambda: count_events(self.search, step=step, seconds=seconds))

    def _search(self, tenant: Tenant) -> EventSearch:
        asked = self.filters
        intent = asked.get("intent")
        if intent is not None and intent not in self.thresholds:
            raise serializers.ValidationError({"intent": f"no such intent; there are {_words(self.thresholds)}"})
        names = ("since", "until", "min_score", "max_score", "release", "context")
        return EventSearch(
            tenant.pk,
            list(self.thresholds) if intent is None else [intent],
            **{name: asked.get(name) for name in names},
            crossed=self._declared(intent, asked["threshold"]) if "threshold" in asked else None,
            predictor=asked.get("predictor", ""),
            label=asked.get("label", ""),
            prefix=asked.get("id", ""),
        )

    def _declared(self, intent: str | None, threshold: str) -> dict[str, float]:
        """By intent, the score of the threshold that is called so."""
        known = {
            name: {each["name"]: float(each["score"]) for each in thresholds}
            for name, thresholds in self.thresholds.items()
            if intent in (None, name)
        }
        found = {name: scores[threshold] for name, scores in known.items() if threshold in scores}
        if not found:
            names = {each for scores in known.values() for each in scores}
            raise serializers.ValidationError({"threshold": f"no such threshold; there are {_words(names)}"})
        return found

    def _crossed(self, intent: str, score: float) -> list[str]:
        return [each["name"] for each in self.thresholds[intent] if score >= each["score"]]


def _answered(look: Callable[[], T]) -> T:
    try:
        return look()
    except NeverRecorded as error:
        said = f"no event that was searched has this attribute; recorded are {error}"
        raise serializers.ValidationError({"context": said}) from error
    except TooSlow:
        said = "Looking took too long. Give an intent, or a shorter time by `since` and `until`."
        raise Unavailable(said, title="Took too long") from None
    except delta.Failure as error:
        raise Unavailable("The event log does not answer. Try again.") from error


def _words(names: Any) -> str:
    return ", ".join(sorted(names)) or "none"


class Events(TenantView):
    """Recorded events of a tenant that meet all that is given, newest first."""

    acts = {"GET": Act.VIEW}
    pagination_class = None  # type: ignore[assignment]  # its pages go by place, not by counting

    @extend_schema(parameters=[EventQuery], responses=FoundEvents)
    def get(self, request: Request, tenant: str) -> Response:
        return Response(FoundEvents(EventLooker(self.tenant, request.query_params.dict()).page()).data)


class EventCounts(TenantView):
    """How many recorded events meet all that is given, by day or hour (UTC). Those without have no row."""

    acts = {"GET": Act.VIEW}

    @extend_schema(parameters=[CountQuery], responses=Counts)
    def get(self, request: Request, tenant: str) -> Response:
        looker = EventLooker(self.tenant, request.query_params.dict(), CountQuery)
        rows = [{"at": at, "events": events} for at, events in looker.counts(looker.filters["step"])]
        return Response(Counts({"counts": rows}).data)
