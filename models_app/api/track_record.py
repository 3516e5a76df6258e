"""/api/v1/tenants/{tenant}/intents/{intent}/track-record: what was foretold of releases, and what came of it."""

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from models_app.changes.track_record.models import TrackRecord
from models_app.changes.track_record.selectors import track_record
from tenants import selectors
from tenants.api.base import TenantView
from tenants.roles import Permission


class TrackRecordBody(serializers.ModelSerializer[TrackRecord]):
    release = serializers.IntegerField(source="release.number")
    low = serializers.FloatField(help_text="The lower end of what was foretold for the week after publication (95 %).")
    high = serializers.FloatField(help_text="The upper end of it.")
    held_out = serializers.FloatField(allow_null=True, help_text="The fit's rate on days that it had not seen.")
    until = serializers.DateTimeField(allow_null=True, help_text="Null while it is counted; a week at most.")
    days = serializers.FloatField(allow_null=True, help_text="For how long it was counted.")
    rate = serializers.FloatField(allow_null=True, help_text="The alert rate that came; null without events.")
    inside = serializers.BooleanField(allow_null=True, help_text="Null unless a whole week was counted.")

    class Meta:
        model = TrackRecord
        fields = [
            "release", "threshold", "score", "target", "low", "high", "held_out", "since", "until", "days", "events",
            "alerts", "rate", "inside",
        ]  # fmt: skip


class IntentTrackRecord(TenantView):
    """What was foretold at each threshold, and what came; the newest release first."""

    permissions = {"GET": Permission.VIEW}

    @extend_schema(responses=TrackRecordBody(many=True))
    def get(self, request: Request, tenant: str, intent: str) -> Response:
        found = get_object_or_404(selectors.intents(self.tenant), name=intent)
        return self.page(track_record(self.tenant, found.name), TrackRecordBody)
