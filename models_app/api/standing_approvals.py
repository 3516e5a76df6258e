"""/api/v1/tenants/{tenant}/standing-approvals: bounds within which refreshes go live by themselves, by two people."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from models_app.catalog import selectors as catalog_selectors
from models_app.changes.standing_approvals import selectors, services
from models_app.changes.standing_approvals.filters import StandingApprovalFilters
from models_app.changes.standing_approvals.models import BoundsApproval, StandingApproval
from models_app.transforms.selectors import intent_by_name
from tenants.api.base import Input, TenantView
from tenants.roles import Permission

RATE = "Share of it by which any declared alert rate may move, and within which fits must know it, such as 0.1."
ALERTS = "So many alerts a day any of them may always move by, for where alerts are few."
MAPPING = "By how much the score of any probability may move, such as 0.05."
UNTIL = "The time when it is over; within a year."


class BoundsApprovalBody(serializers.ModelSerializer[BoundsApproval]):
    person = serializers.EmailField(source="person.email")
    digest = serializers.CharField(help_text="Of the bounds that were approved.")

    class Meta:
        model = BoundsApproval
        fields = ["person", "digest", "text", "at"]


class StandingApprovalBody(serializers.ModelSerializer[StandingApproval]):
    intent = serializers.CharField(source="intent.name")
    predictor = serializers.CharField(source="predictor.key")
    reference = serializers.CharField(source="reference.key")
    state = serializers.SerializerMethodField(help_text="proposed, in force, over or revoked.")
    rate_tolerance = serializers.FloatField(help_text=RATE)
    alerts_a_day = serializers.FloatField(help_text=ALERTS)
    mapping_tolerance = serializers.FloatField(help_text=MAPPING)
    digest = serializers.CharField(help_text="Of the bounds as they are now: what an approval is of.")
    author = serializers.EmailField(source="author.email")
    edited_by = serializers.EmailField(source="edited_by.email", help_text="Whose the latest revision is.")
    approvals = BoundsApprovalBody(many=True, help_text="All that were given; those of another digest count no more.")
    ended_by = serializers.EmailField(source="ended_by.email", default=None, allow_null=True)

    class Meta:
        model = StandingApproval
        fields = [
            "number", "intent", "predictor", "reference", "state", "rate_tolerance", "alerts_a_day",
            "mapping_tolerance", "until", "reason", "revision", "digest", "author", "edited_by", "created_at",
            "approvals", "ended_by", "ended_at", "ended_because",
        ]  # fmt: skip

    def get_state(self, approval: StandingApproval) -> str:
        """All rows are of one tenant, whose approvers are read once."""
        known = vars(self.root)
        if "approvers" not in known:
            known["approvers"] = selectors.approvers_for([approval])
        return selectors.state_of(approval, known["approvers"])


class EditStandingApproval(Input):
    rate_tolerance = serializers.FloatField(min_value=0.001, max_value=0.5, help_text=RATE)
    alerts_a_day = serializers.FloatField(default=0.0, min_value=0.0, max_value=1000.0, help_text=ALERTS)
    mapping_tolerance = serializers.FloatField(min_value=0.001, max_value=0.5, help_text=MAPPING)
    until = serializers.DateTimeField(help_text=UNTIL)
    reason = serializers.CharField(max_length=10_000)


class ProposeStandingApproval(EditStandingApproval):
    intent = serializers.CharField(max_length=63)
    predictor = serializers.CharField(max_length=100, help_text="Key, such as cards@4.")
    reference = serializers.CharField(max_length=100, help_text="Key, such as standard@1.")


class ApproveStandingApproval(Input):
    digest = serializers.CharField(max_length=64, help_text="Of the bounds that you have seen; 409 where others are.")
    text = serializers.CharField(default="", allow_blank=True, max_length=10_000)


class RevokeStandingApproval(Input):
    reason = serializers.CharField(default="", allow_blank=True, max_length=10_000)


class _OneApproval(TenantView):
    def approval(self) -> StandingApproval:
        return get_object_or_404(selectors.standing_approvals(self.tenant), number=self.kwargs["approval"])

    def answer(self, number: int, status: int = 200) -> Response:
        found = selectors.standing_approvals(self.tenant).get(number=number)
        return Response(StandingApprovalBody(found).data, status=status)


class StandingApprovals(_OneApproval):
    """The tenant's standing approvals, newest first."""

    permissions = {"GET": Permission.VIEW, "POST": Permission.PROPOSE}
    filters = StandingApprovalFilters

    @extend_schema(responses=StandingApprovalBody(many=True))
    def get(self, request: Request, tenant: str) -> Response:
        return self.page(selectors.standing_approvals(self.tenant), StandingApprovalBody)

    @extend_schema(request=ProposeStandingApproval, responses={201: StandingApprovalBody})
    def post(self, request: Request, tenant: str) -> Response:
        """Propose bounds; they hold once others have approved them, as many as the review policy needs."""
        body = self.body(ProposeStandingApproval)
        approval = services.propose_standing_approval(
            actor=self.person,
            intent=intent_by_name(self.tenant, body.pop("intent")),
            predictor=catalog_selectors.predictor_by_key(body.pop("predictor"), "predictor"),
            reference=catalog_selectors.reference_by_key(body.pop("reference"), "reference"),
            **body,
        )
        return self.answer(approval.number, 201)


class StandingApprovalDetail(_OneApproval):
    permissions = {"GET": Permission.VIEW, "PATCH": Permission.PROPOSE}

    @extend_schema(responses=StandingApprovalBody)
    def get(self, request: Request, **place: Any) -> Response:
        """One standing approval."""
        return self.answer(self.approval().number)

    @extend_schema(request=EditStandingApproval, responses=StandingApprovalBody)
    def patch(self, request: Request, **place: Any) -> Response:
        """Change its bounds, with a reason. What was approved before counts no longer."""
        changes = self.body(EditStandingApproval, partial=True)
        reason = changes.pop("reason", "")
        approval = self.approval()
        services.edit_standing_approval(actor=self.person, approval=approval, changes=changes, reason=reason)
        return self.answer(approval.number)


class StandingApprovalApproval(_OneApproval):
    permissions = {"POST": Permission.APPROVE}

    @extend_schema(request=ApproveStandingApproval, responses=StandingApprovalBody)
    def post(self, request: Request, **place: Any) -> Response:
        """Approve the bounds that you have seen; not those that you wrote."""
        approval = self.approval()
        services.approve_standing_approval(actor=self.person, approval=approval, **self.body(ApproveStandingApproval))
        return self.answer(approval.number)


class StandingApprovalRevocation(_OneApproval):
    permissions = {"POST": Permission.PROPOSE}

    @extend_schema(request=RevokeStandingApproval, responses=StandingApprovalBody)
    def post(self, request: Request, **place: Any) -> Response:
        """End it at once, for good; refreshes wait for approval again."""
        approval = self.approval()
        services.revoke_standing_approval(actor=self.person, approval=approval, **self.body(RevokeStandingApproval))
        return self.answer(approval.number)
