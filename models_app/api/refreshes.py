"""/api/v1/tenants/{tenant}/intents/{intent}/refresh-policy and …/refreshes: transforms fitted anew on a schedule."""

from functools import cached_property
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from models_app.refreshes import selectors
from models_app.refreshes.filters import RefreshFilters
from models_app.refreshes.models import Refresh, RefreshPolicy
from models_app.refreshes.policy import set_refresh_policy
from models_app.transforms.source import LEAST_HALF_LIFE, MAX_HALF_LIFE
from tenants.api.base import Input, TenantView
from tenants.models import Intent
from tenants.roles import Permission
from tenants.selectors import intents

WINDOW = "On the events of so many days before it is due."
HALF_LIFE = "An event counts half as much as one that came so many days later. Null: all count alike."


class RefreshPolicyBody(serializers.ModelSerializer[RefreshPolicy]):
    window_days = serializers.FloatField(help_text=WINDOW)
    half_life_days = serializers.FloatField(allow_null=True, help_text=HALF_LIFE)
    since = serializers.DateTimeField(help_text="What was due before is not made up for.")
    set_by = serializers.EmailField(source="set_by.email", help_text="Who proposes the change requests.")

    class Meta:
        model = RefreshPolicy
        fields = ["schedule", "window_days", "half_life_days", "enabled", "since", "set_by"]


class SetRefreshPolicy(Input):
    schedule = serializers.ChoiceField(RefreshPolicy.Schedule.choices, required=False)
    window_days = serializers.FloatField(required=False, min_value=1, max_value=366, help_text=WINDOW)
    half_life_days = serializers.FloatField(
        required=False, allow_null=True, min_value=LEAST_HALF_LIFE, max_value=MAX_HALF_LIFE, help_text=HALF_LIFE
    )
    enabled = serializers.BooleanField(required=False)


class RefreshBody(serializers.ModelSerializer[Refresh]):
    outcome = serializers.ChoiceField(
        ["", *Refresh.Outcome.values],
        help_text="What came of it: its change request waits for approval, or stays a draft for what its evidence "
        "says; or none was made. Empty until it has ended, and where it failed.",
    )
    refused = serializers.ListField(child=serializers.CharField(), help_text="Why no more came of it.")
    held_back_by = serializers.ListField(
        child=serializers.IntegerField(), help_text="Ids of the incidents that held it back."
    )
    change = serializers.IntegerField(
        source="change_request.number", default=None, allow_null=True, help_text="Number of its change request."
    )

    class Meta:
        model = Refresh
        fields = [
            "id", "due", "state", "outcome", "refused", "held_back_by", "change", "error", "created_at", "finished_at",
        ]  # fmt: skip


class _OfIntent(TenantView):
    @cached_property
    def intent(self) -> Intent:
        return get_object_or_404(intents(self.tenant), name=self.kwargs["intent"])


class IntentRefreshPolicy(_OfIntent):
    permissions = {"GET": Permission.VIEW, "PATCH": Permission.PROPOSE}

    @extend_schema(responses=RefreshPolicyBody)
    def get(self, request: Request, **place: Any) -> Response:
        """How often the intent's live transforms are fitted anew; 404 where nobody has set it."""
        policy: RefreshPolicy = get_object_or_404(RefreshPolicy.objects.select_related("set_by"), intent=self.intent)
        return Response(RefreshPolicyBody(policy).data)

    @extend_schema(request=SetRefreshPolicy, responses=RefreshPolicyBody)
    def patch(self, request: Request, **place: Any) -> Response:
        """Set what is given, the rest stays as it is; at first: daily, on 28 days.

        Who sets it proposes the change requests that come of it, and so does not approve them.
        """
        changes = self.body(SetRefreshPolicy, partial=True)
        policy = set_refresh_policy(actor=self.person, intent=self.intent, changes=changes)
        return Response(RefreshPolicyBody(policy).data)


class Refreshes(_OfIntent):
    """The intent's refreshes, the latest first."""

    permissions = {"GET": Permission.VIEW}
    filters = RefreshFilters

    @extend_schema(responses=RefreshBody(many=True))
    def get(self, request: Request, **place: Any) -> Response:
        return self.page(selectors.refreshes(self.intent), RefreshBody)


class RefreshDetail(_OfIntent):
    """One refresh."""

    permissions = {"GET": Permission.VIEW}

    @extend_schema(responses=RefreshBody)
    def get(self, request: Request, **place: Any) -> Response:
        refresh = get_object_or_404(selectors.refreshes(self.intent), pk=self.kwargs["refresh"])
        return Response(RefreshBody(refresh).data)
