"""/api/v1/tenants/{tenant}/intents/{intent}/alert-rates: how alert rates went, threshold by threshold."""

from datetime import timedelta
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from models_app.monitoring import rates_over_time
from models_app.monitoring.rates_over_time import LONGEST, Bucket
from tenants.api.base import Input, TenantView
from tenants.api.times import Moment
from tenants.models import Intent
from tenants.roles import Permission


class RatesPeriod(Input):
    start = Moment(required=False, help_text="Default: 30 days before the end.")
    end = Moment(required=False, help_text="Default: now.")
    bucket = serializers.ChoiceField(
        choices=[str(each) for each in Bucket],
        default=str(Bucket.DAY),
        help_text="`hour` and `six-hours` count events that were scored as they occurred, by arrival, and reach back "
        "sixty days; `day` and `week` (from Monday) count by when events occurred. All in UTC.",
    )

    def validate(self, period: dict[str, Any]) -> dict[str, Any]:
        bucket = Bucket(period["bucket"])
        end = period.get("end") or timezone.now()
        start = period.get("start") or end - min(timedelta(days=30), LONGEST[bucket])
        if not start < end <= start + LONGEST[bucket]:
            expected = f"a time before the end, at most {LONGEST[bucket].days:,} days with the bucket {bucket}"
            raise serializers.ValidationError({"start": f"expected {expected}, found {start.isoformat()}"})
        return {"start": start, "end": end, "bucket": bucket}


class RatePoint(serializers.Serializer[rates_over_time.Point]):
    at = serializers.DateTimeField(help_text="When the bucket begins.")
    events = serializers.IntegerField()
    alerts = serializers.IntegerField()
    rate = serializers.FloatField()
    low = serializers.FloatField(help_text="Of the 95 % interval that sampling leaves (Wilson).")
    high = serializers.FloatField()
    target = serializers.FloatField(
        allow_null=True, help_text="What the references of the transforms that answered have at the score."
    )


class ThresholdRates(serializers.Serializer[rates_over_time.Series]):
    threshold = serializers.CharField()
    tolerance = serializers.FloatField(help_text="By how much the rate may move, as a share of the target.")
    points = RatePoint(many=True, help_text="Buckets with events, oldest first.")


class AlertRatesBody(serializers.Serializer[dict[str, Any]]):
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    bucket = serializers.CharField()
    thresholds = ThresholdRates(many=True)


class IntentAlertRates(TenantView):
    """How the alert rates of an intent went between two times. Degraded events are not counted."""

    permissions = {"GET": Permission.VIEW}

    @extend_schema(parameters=[RatesPeriod], responses=AlertRatesBody)
    def get(self, request: Request, tenant: str, intent: str) -> Response:
        rows = Intent.objects.select_related("tenant__review_policy").filter(tenant=self.tenant)
        found: Intent = get_object_or_404(rows, name=intent)
        checked = RatesPeriod(data=request.query_params.dict())
        checked.is_valid(raise_exception=True)
        period = checked.validated_data
        series = rates_over_time.series_of(found, **period)
        return Response(AlertRatesBody({**period, "thresholds": series}).data)
