"""/api/v1/tenants/{tenant}/intents/{intent}/successor-policy and …/trials: shadows tried beside what is live."""

from functools import cached_property
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from models_app.successors import selectors
from models_app.successors.filters import TrialFilters
from models_app.successors.models import SuccessorPolicy, Trial
from models_app.successors.policy import set_successor_policy
from tenants.api.base import Input, TenantView
from tenants.models import Intent
from tenants.roles import Permission
from tenants.selectors import intents

TRIAL_DAYS = "How long a shadow is tried before it is judged; its labels must be mature, too."


class SuccessorPolicyBody(serializers.ModelSerializer[SuccessorPolicy]):
    trial_days = serializers.FloatField(help_text=TRIAL_DAYS)
    since = serializers.DateTimeField(help_text="No trial began before.")
    set_by = serializers.EmailField(source="set_by.email", help_text="Who proposes the change requests.")

    class Meta:
        model = SuccessorPolicy
        fields = ["trial_days", "enabled", "since", "set_by"]


class SetSuccessorPolicy(Input):
    trial_days = serializers.FloatField(required=False, min_value=1, max_value=366, help_text=TRIAL_DAYS)
    enabled = serializers.BooleanField(required=False)


class TrialBody(serializers.ModelSerializer[Trial]):
    live = serializers.CharField(source="live.key", help_text="The predictor that answered.")
    shadow = serializers.CharField(source="shadow.key", help_text="The predictor that was tried beside it.")
    due = serializers.DateTimeField(help_text="When its labels were mature, by the intent's rule.")
    outcome = serializers.ChoiceField(
        ["", *Trial.Outcome.values],
        help_text="What came of it: a change request that waits for approval, or stays a draft for what its evidence "
        "says; or none was made. Empty until it has ended, and where it failed.",
    )
    against = serializers.ListField(child=serializers.CharField(), help_text="Why no more came of it.")
    found = serializers.JSONField(
        help_text="What labels told: how many events count and are positive, and at each threshold's alert rate the "
        "shares of positive events that each side caught, with the interval of their difference."
    )
    change = serializers.IntegerField(
        source="change_request.number", default=None, allow_null=True, help_text="Number of its change request."
    )

    class Meta:
        model = Trial
        fields = [
            "id", "live", "shadow", "begin", "end", "due", "state", "outcome", "against", "found", "change", "error",
            "created_at", "finished_at",
        ]  # fmt: skip


class _OfIntent(TenantView):
    @cached_property
    def intent(self) -> Intent:
        return get_object_or_404(intents(self.tenant), name=self.kwargs["intent"])


class IntentSuccessorPolicy(_OfIntent):
    permissions = {"GET": Permission.VIEW, "PATCH": Permission.PROPOSE}

    @extend_schema(responses=SuccessorPolicyBody)
    def get(self, request: Request, **place: Any) -> Response:
        """Whether the intent's shadows are tried, and for how long; 404 where nobody has set it."""
        policy: SuccessorPolicy = get_object_or_404(
            SuccessorPolicy.objects.select_related("set_by"), intent=self.intent
        )
        return Response(SuccessorPolicyBody(policy).data)

    @extend_schema(request=SetSuccessorPolicy, responses=SuccessorPolicyBody)
    def patch(self, request: Request, **place: Any) -> Response:
        """Set what is given, the rest stays as it is; at first: trials of 28 days.

        Who sets it proposes the change requests that come of it, and so does not approve them.
        """
        changes = self.body(SetSuccessorPolicy, partial=True)
        policy = set_successor_policy(actor=self.person, intent=self.intent, changes=changes)
        return Response(SuccessorPolicyBody(policy).data)


class Trials(_OfIntent):
    """The intent's trials, the latest first."""

    permissions = {"GET": Permission.VIEW}
    filters = TrialFilters

    @extend_schema(responses=TrialBody(many=True))
    def get(self, request: Request, **place: Any) -> Response:
        return self.page(selectors.trials(self.intent), TrialBody)


class TrialDetail(_OfIntent):
    """One trial."""

    permissions = {"GET": Permission.VIEW}

    @extend_schema(responses=TrialBody)
    def get(self, request: Request, **place: Any) -> Response:
        trial = get_object_or_404(selectors.trials(self.intent), pk=self.kwargs["trial"])
        return Response(TrialBody(trial).data)
