"""GET /api/v1/tenants/{tenant}/events and …/event-counts: recorded events that meet a search, newest first."""

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from scoring.api.explain import DegradedBody, EventId
from scoring.lake.search import PAGE
from scoring.search import LAST_RELEASE, MOST, OUTCOMES, STEPS, TenantEvents, read_context, read_place
from scoring.search import EventQuery as Query
from tenants.api.base import Input, TenantView
from tenants.api.times import DayOrMoment
from tenants.models import Tenant
from tenants.roles import Permission


class ReadField(serializers.CharField):
    """A text that `read` reads, which raises ValueError in words."""

    def __init__(self, read: Callable[[str], Any], **words: Any) -> None:
        self.read = read
        super().__init__(**words)

    def to_internal_value(self, value: Any) -> Any:
        try:
            return self.read(super().to_internal_value(value))
        except ValueError as error:
            raise serializers.ValidationError(str(error)) from None


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
    release = serializers.IntegerField(required=False, min_value=1, max_value=LAST_RELEASE)
    label = serializers.ChoiceField(OUTCOMES, required=False, help_text="The latest that was reported.")  # type: ignore[assignment]
    context = ReadField(read_context, required=False, help_text="A context attribute's value, as `channel=web`.")  # type: ignore[assignment]
    degraded = serializers.BooleanField(
        required=False, help_text="true: only those that the live predictor did not answer."
    )
    id = EventId(required=False, max_length=200, help_text="What the event's id begins with.")

    def query(self) -> Query:
        """What was asked for. Raises ValidationError naming the field."""
        self.is_valid(raise_exception=True)
        return Query(**self.validated_data).check()


class EventQuery(EventFilters):
    older_than = ReadField(read_place, required=False, help_text="Go on from here: `older` of the page before.")
    newer_than = ReadField(read_place, required=False, help_text="Go back from here: `newer` of the page before.")
    limit = serializers.IntegerField(default=PAGE, min_value=1, max_value=MOST)


class CountQuery(EventFilters):
    step = serializers.ChoiceField(STEPS, default="day")


class FoundEvent(serializers.Serializer[dict[str, Any]]):
    event_id = serializers.CharField()
    intent = serializers.CharField()
    occurred_at = serializers.DateTimeField()
    score = serializers.FloatField()
    probability = serializers.FloatField(allow_null=True, help_text="null: a fixed score answered.")
    crossed = serializers.ListField(child=serializers.CharField(), help_text="Thresholds, as they are declared now.")
    predictor = serializers.CharField()
    transform = serializers.IntegerField()
    release = serializers.IntegerField()
    route = serializers.CharField()
    label = serializers.IntegerField(allow_null=True)  # type: ignore[assignment]
    degraded = DegradedBody(allow_null=True)


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


def _events(tenant: Tenant, kind: type[EventFilters], request: Request) -> TenantEvents:
    """What a request asks for; what it leaves blank it does not ask for."""
    parameters = {name: value for name, value in request.query_params.dict().items() if value != ""}
    return TenantEvents(tenant, kind(data=parameters).query())


class Events(TenantView):
    """Recorded events of a tenant that meet all that is given, newest first."""

    permissions = {"GET": Permission.VIEW}
    pagination_class = None  # type: ignore[assignment]  # its pages go by place, not by counting

    @extend_schema(parameters=[EventQuery], responses=FoundEvents)
    def get(self, request: Request, tenant: str) -> Response:
        return Response(FoundEvents(_events(self.tenant, EventQuery, request).page()).data)


class EventCounts(TenantView):
    """How many recorded events meet all that is given, by day or hour (UTC). Those without have no row."""

    permissions = {"GET": Permission.VIEW}

    @extend_schema(parameters=[CountQuery], responses=Counts)
    def get(self, request: Request, tenant: str) -> Response:
        counts = _events(self.tenant, CountQuery, request).counts()
        rows = [{"at": at, "events": events} for at, events in counts]
        return Response(Counts({"counts": rows}).data)
