"""/api/v1/serving and …/intents/{intent}/statistics: what the data plane does."""

from datetime import timedelta
from typing import Any, ClassVar

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from scoring import processes as serving
from scoring.models import ConsumerLane, QuarantinedTable, ServingProcess
from tenants.api.base import Input, PersonView, TenantView
from tenants.api.times import Moment
from tenants.roles import Permission


class ProcessBody(serializers.ModelSerializer[ServingProcess]):
    class Meta:
        model = ServingProcess
        fields = ["name", "machine", "pid", "started_at", "seen_at", "releases", "failures", "lost_events"]


class LaneBody(serializers.ModelSerializer[ConsumerLane]):
    class Meta:
        model = ConsumerLane
        fields = [
            "machine",
            "lane",
            "seen_at",
            "position",
            "behind_bytes",
            "events",
            "duplicates",
            "conflicts",
            "lost_events",
            "set_aside",
        ]
        extra_kwargs: ClassVar = {
            "set_aside": {"help_text": "Segments of which a part could not be read, kept in `segments/quarantine`."}
        }


class QuarantineBody(serializers.ModelSerializer[QuarantinedTable]):
    tenant = serializers.SlugField(source="tenant.slug")

    class Meta:
        model = QuarantinedTable
        fields = ["machine", "tenant", "intent", "kind", "since", "reason", "records", "bytes", "lost"]


class ServingBody(serializers.Serializer[dict[str, Any]]):
    processes = ProcessBody(many=True)
    consumers = LaneBody(many=True)
    quarantined = QuarantineBody(many=True, help_text="Event tables that cannot be written; their records wait.")


class Period(Input):
    start = Moment(required=False, help_text="Default: a day before the end.")
    end = Moment(required=False, help_text="Default: now.")
    step = serializers.ChoiceField(choices=list(serving.STEPS), default="hour")

    def validate(self, period: dict[str, Any]) -> dict[str, Any]:
        end = period.get("end") or timezone.now()
        start = period.get("start") or end - timedelta(days=1)
        longest = serving.STEPS[period["step"]]
        if not start < end <= start + longest:
            expected = f"a time before the end, at most {longest.days} days with the step {period['step']}"
            raise serializers.ValidationError({"start": f"expected {expected}, found {start.isoformat()}"})
        return {**period, "start": start, "end": end}


class StatisticsRow(serializers.Serializer[dict[str, Any]]):
    at = serializers.DateTimeField()
    release = serializers.IntegerField()
    predictor = serializers.CharField()
    transform = serializers.IntegerField()
    events = serializers.IntegerField()
    alerts = serializers.DictField(child=serializers.IntegerField(), help_text="Events by threshold's name.")
    histogram = serializers.ListField(child=serializers.IntegerField(), help_text="Events by score, in equal bins.")


class StatisticsBody(serializers.Serializer[dict[str, Any]]):
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    step = serializers.CharField()
    rows = StatisticsRow(many=True)


class Serving(PersonView):
    """Scoring processes and event consumers, as they last spoke."""

    permissions = {"GET": Permission.VIEW_SHARED}
    shared = True

    @extend_schema(responses=ServingBody)
    def get(self, request: Request) -> Response:
        state = {"processes": serving.processes(), "consumers": serving.lanes(), "quarantined": serving.quarantined()}
        return Response(ServingBody(state).data)


class IntentStatistics(TenantView):
    """What was scored of an intent, by time of arrival. Names that were never scored have no rows."""

    permissions = {"GET": Permission.VIEW}

    @extend_schema(parameters=[Period], responses=StatisticsBody)
    def get(self, request: Request, tenant: str, intent: str) -> Response:
        checked = Period(data=request.query_params.dict())
        checked.is_valid(raise_exception=True)
        period = checked.validated_data
        rows = serving.statistics(tenant=self.tenant, intent=intent, **period)
        return Response(StatisticsBody({**period, "rows": rows}).data)
