"""/api/v1/tenants/{tenant}/policy: what a tenant asks of a change before it is served."""

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from models_app.changes.models import ReviewPolicy
from models_app.changes.policy import set_policy
from models_app.changes.policy_changes.models import PolicyChange
from models_app.changes.policy_changes.services import check_at_once
from models_app.changes.policy_changes.subjects import Subject
from models_app.changes.selectors import policy_of
from tenants.api.base import Input, TenantView
from tenants.roles import Permission


class PolicyBody(serializers.ModelSerializer[ReviewPolicy]):
    class Meta:
        model = ReviewPolicy
        fields = [
            "approvals_needed", "approver_role", "tolerance", "tolerances", "alerts_a_day", "risk_tolerance",
            "segment_tolerance", "recall_tolerance", "expires_after_days", "evidence_days", "publish_when_approved",
            "second_factor",
        ]  # fmt: skip


class SetPolicy(Input):
    approvals_needed = serializers.IntegerField(required=False, min_value=1, max_value=9)
    approver_role = serializers.ChoiceField(required=False, choices=["approver", "admin"])
    tolerance = serializers.FloatField(
        required=False, min_value=1e-4, max_value=1, help_text="Share of an alert rate by which it may move."
    )
    tolerances = serializers.JSONField(required=False, help_text="The same by “<intent>/<threshold>”.")
    alerts_a_day = serializers.FloatField(
        required=False, min_value=0, max_value=1e9, help_text="So many alerts a day a rate may always move by."
    )
    risk_tolerance = serializers.FloatField(
        required=False,
        min_value=0,
        max_value=10,
        help_text="Share by which events above a live threshold's probability may be more before risk rose.",
    )
    segment_tolerance = serializers.FloatField(
        required=False,
        help_text="Share by which a segment's alert rate may move beside the intent's; up to 10, which is 1,000 %.",
    )
    recall_tolerance = serializers.FloatField(
        required=False,
        allow_null=True,
        max_value=1,
        help_text="By how much the share of labelled fraud that a threshold catches may fall: 0.05 is 5 percentage "
        "points. Null, the default: labels do not gate.",
    )
    expires_after_days = serializers.IntegerField(required=False, min_value=1, max_value=365)
    evidence_days = serializers.IntegerField(required=False, min_value=1, max_value=365)
    publish_when_approved = serializers.BooleanField(required=False)
    second_factor = serializers.BooleanField(
        required=False,
        help_text="Whether who approves, publishes, rolls back or changes this must have logged in with a second "
        "factor. Tokens have none: from then on it is done in the console.",
    )


class Policy(TenantView):
    permissions = {"GET": Permission.VIEW, "PATCH": Permission.MANAGE_TENANT}

    @extend_schema(responses=PolicyBody)
    def get(self, request: Request, tenant: str) -> Response:
        """The tenant's review policy, or the defaults."""
        return Response(PolicyBody(policy_of(self.tenant)).data)

    @extend_schema(request=SetPolicy, responses=PolicyBody)
    def patch(self, request: Request, tenant: str) -> Response:
        """Set what is given, before anything is proposed or served.

        From then on it is asked for as a policy change, and 409 here.
        """
        changes = self.body(SetPolicy, partial=True)
        with transaction.atomic():
            check_at_once(Subject(self.tenant, PolicyChange.Kind.POLICY), changes)
            policy = set_policy(actor=self.person, tenant=self.tenant, changes=changes)
        return Response(PolicyBody(policy).data)
