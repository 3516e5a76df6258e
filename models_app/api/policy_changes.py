"""/api/v1/tenants/{tenant}/policy/changes: changing what decides which change requests pass, by two people.

Without the tenant, roles for the whole platform.
"""

from collections.abc import Mapping
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from models_app.api.intents import ChangeIntent
from models_app.api.policy import SetPolicy
from models_app.changes.policy_changes import selectors, services
from models_app.changes.policy_changes.filters import PolicyChangeFilters
from models_app.changes.policy_changes.models import PolicyChange
from models_app.changes.policy_changes.subjects import Subject
from models_app.intents import judgement
from tenants.api.base import Input, PersonView
from tenants.roles import Permission, Role

Kind = PolicyChange.Kind


class PolicyChangeBody(serializers.ModelSerializer[PolicyChange]):
    author = serializers.EmailField(source="author.email")
    decided_by = serializers.EmailField(source="decided_by.email", default=None, allow_null=True)

    class Meta:
        model = PolicyChange
        fields = [
            "number", "kind", "subject", "before", "after", "reason", "author", "created_at", "state", "decided_by",
            "decided_at", "answer",
        ]  # fmt: skip


class SetJudgement(ChangeIntent):
    def get_fields(self) -> dict[str, Any]:
        return {name: field for name, field in super().get_fields().items() if name in judgement.SETTINGS}


class GiveRole(Input):
    role = serializers.ChoiceField(choices=Role.choices, allow_null=True, help_text="Null takes the role away.")


FIELDS: Mapping[str, type[Input]] = {Kind.POLICY: SetPolicy, Kind.JUDGEMENT: SetJudgement, Kind.ROLE: GiveRole}


class ProposePolicyChange(Input):
    kind = serializers.ChoiceField(choices=Kind.choices)
    subject = serializers.CharField(
        default="",
        allow_blank=True,
        max_length=254,
        help_text="The intent's name, for its evidence settings; the e-mail address, for a role.",
    )
    changes = serializers.JSONField(help_text="What shall be changed, by field, as the policy or the intent has it.")
    reason = serializers.CharField(max_length=10_000)


class ApprovePolicyChange(Input):
    text = serializers.CharField(default="", allow_blank=True, max_length=10_000)
    break_glass = serializers.BooleanField(
        default=False, help_text="Without a second person, by a platform admin, where the installation allows it."
    )


class RejectPolicyChange(Input):
    text = serializers.CharField(max_length=10_000)


class WithdrawPolicyChange(Input):
    text = serializers.CharField(default="", allow_blank=True, max_length=10_000)


class PolicyChangeView(PersonView):
    """A policy change of the tenant that the URL names."""

    def change(self) -> PolicyChange:
        return get_object_or_404(selectors.policy_changes(self.tenant), number=self.kwargs["change"])

    def checked(self, kind: str, changes: Any) -> dict[str, Any]:
        """The changes, read by the fields of their kind. Raises ValidationError naming each.

        Of a policy and of an intent some may be named; a role is the only one.
        """
        fields = FIELDS[kind](data=changes, partial=kind != Kind.ROLE)
        fields.is_valid(raise_exception=True)
        return dict(fields.validated_data)


class PolicyChanges(PolicyChangeView):
    """All policy changes of the tenant, newest first."""

    permissions = {"GET": Permission.VIEW, "POST": Permission.MANAGE_TENANT}
    filters = PolicyChangeFilters

    @extend_schema(responses=PolicyChangeBody(many=True))
    def get(self, request: Request, **place: Any) -> Response:
        return self.page(selectors.policy_changes(self.tenant), PolicyChangeBody)

    @extend_schema(request=ProposePolicyChange, responses={201: PolicyChangeBody})
    def post(self, request: Request, **place: Any) -> Response:
        """Ask for a change; another admin, of the tenant or of the platform, agrees to it or rejects it."""
        body = self.body(ProposePolicyChange)
        values = self.checked(body["kind"], body["changes"])
        subject = Subject(self.tenant, body["kind"], body["subject"])
        change = services.ask(actor=self.person, subject=subject, values=values, reason=body["reason"])
        return Response(PolicyChangeBody(change).data, status=201)


class PolicyChangeDetail(PolicyChangeView):
    """One policy change."""

    permissions = {"GET": Permission.VIEW}

    @extend_schema(responses=PolicyChangeBody)
    def get(self, request: Request, **place: Any) -> Response:
        return Response(PolicyChangeBody(self.change()).data)


class PolicyChangeApproval(PolicyChangeView):
    permissions = {"POST": Permission.MANAGE_TENANT}

    @extend_schema(request=ApprovePolicyChange, responses=PolicyChangeBody)
    def post(self, request: Request, **place: Any) -> Response:
        """Agree to what another admin asked for. It holds from now on, for open change requests too."""
        change = self.change()
        decided = services.approve(actor=self.person, change=change, **self.body(ApprovePolicyChange))
        return Response(PolicyChangeBody(decided).data)


class PolicyChangeRejection(PolicyChangeView):
    permissions = {"POST": Permission.MANAGE_TENANT}

    @extend_schema(request=RejectPolicyChange, responses=PolicyChangeBody)
    def post(self, request: Request, **place: Any) -> Response:
        """Say no, and why."""
        change = self.change()
        decided = services.reject(actor=self.person, change=change, **self.body(RejectPolicyChange))
        return Response(PolicyChangeBody(decided).data)


class PolicyChangeWithdrawal(PolicyChangeView):
    permissions = {"POST": Permission.MANAGE_TENANT}

    @extend_schema(request=WithdrawPolicyChange, responses=PolicyChangeBody)
    def post(self, request: Request, **place: Any) -> Response:
        """Take back what you asked for."""
        change = self.change()
        decided = services.withdraw(actor=self.person, change=change, **self.body(WithdrawPolicyChange))
        return Response(PolicyChangeBody(decided).data)


class PlatformPolicyChanges(PolicyChanges):
    """Changes of roles for the whole platform."""

    shared = True
    permissions = dict.fromkeys(PolicyChanges.permissions, Permission.MANAGE_PLATFORM)


class PlatformPolicyChangeDetail(PolicyChangeDetail):
    """One change of a role for the whole platform."""

    shared = True
    permissions = dict.fromkeys(PolicyChangeDetail.permissions, Permission.MANAGE_PLATFORM)


class PlatformPolicyChangeApproval(PolicyChangeApproval):
    shared = True
    permissions = dict.fromkeys(PolicyChangeApproval.permissions, Permission.MANAGE_PLATFORM)


class PlatformPolicyChangeRejection(PolicyChangeRejection):
    shared = True
    permissions = dict.fromkeys(PolicyChangeRejection.permissions, Permission.MANAGE_PLATFORM)


class PlatformPolicyChangeWithdrawal(PolicyChangeWithdrawal):
    shared = True
    permissions = dict.fromkeys(PolicyChangeWithdrawal.permissions, Permission.MANAGE_PLATFORM)
