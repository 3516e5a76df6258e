"""/api/v1/tenants/{tenant}/intents: what a tenant wants scored."""

from typing import Any

import msgspec
from django.db import transaction
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from models_app.changes.policy_changes.models import PolicyChange
from models_app.changes.policy_changes.services import check_at_once, check_segments
from models_app.changes.policy_changes.subjects import Subject
from models_app.intents import judgement, services
from models_app.intents.filters import IntentFilters
from models_app.releases import fallbacks
from scoring.engine.document import ContextAttribute, Feature, Threshold
from tenants import selectors
from tenants.api.base import Input, TenantView
from tenants.api.fields import JSONField
from tenants.models import Intent
from tenants.models.tenant import slug
from tenants.roles import Permission


def _parts(part: type) -> dict[str, Any]:
    """The JSON schema of a list of parts of the release document, which is also what checks them."""
    _, found = msgspec.json.schema_components([part])
    return {"type": "array", "items": found[part.__name__]}


@extend_schema_field(_parts(Feature))
class FeaturesField(JSONField):
    pass


@extend_schema_field(_parts(ContextAttribute))
class ContextField(serializers.JSONField):
    pass


@extend_schema_field(_parts(Threshold))
class ThresholdsField(serializers.JSONField):
    pass


@extend_schema_field({"oneOf": [{"enum": ["all", "none"]}, {"type": "array", "items": {"type": "string"}}]})
class KeepFeaturesField(serializers.JSONField):
    pass


class ChangeIntent(Input):
    description = serializers.CharField(required=False, allow_blank=True, max_length=10_000)
    features = FeaturesField()
    thresholds = ThresholdsField(required=False)
    keep_features = KeepFeaturesField(required=False, help_text=judgement.KEEP_HELP)
    idempotency_seconds = serializers.IntegerField(required=False, min_value=0, max_value=7 * 24 * 3600)
    fall_back_to_previous = serializers.BooleanField(required=False, help_text=fallbacks.PREVIOUS_HELP)
    fallback_score = serializers.FloatField(
        required=False, allow_null=True, min_value=0, max_value=1, help_text=fallbacks.SCORE_HELP
    )
    entity = serializers.CharField(required=False, allow_blank=True, max_length=200, help_text=judgement.ENTITY_HELP)
    amount = serializers.CharField(required=False, allow_blank=True, max_length=200, help_text=judgement.AMOUNT_HELP)
    label_maturity_days = serializers.IntegerField(
        required=False, min_value=0, max_value=3650, help_text=judgement.MATURITY_HELP
    )
    unlabelled_means = serializers.ChoiceField(
        Intent.Unlabelled.choices, required=False, help_text=judgement.UNLABELLED_HELP
    )
    segment_features = serializers.ListField(
        child=serializers.CharField(max_length=200),
        required=False,
        allow_null=True,
        max_length=judgement.MOST_SEGMENT_FEATURES,
        help_text=judgement.SEGMENTS_HELP,
    )

    def get_fields(self) -> dict[str, Any]:
        return {**super().get_fields(), "context": ContextField(required=False)}  # the name is taken in the class


class CreateIntent(ChangeIntent):
    name = serializers.CharField(max_length=63, validators=[slug])


class IntentBody(serializers.ModelSerializer[Intent]):
    features = FeaturesField()
    thresholds = ThresholdsField()
    keep_features = serializers.SerializerMethodField()

    class Meta:
        model = Intent
        fields = [
            "name", "description", "features", "context", "thresholds", "idempotency_seconds",
            "fall_back_to_previous", "fallback_score", *judgement.SETTINGS, "created_at", "changed_at",
        ]  # fmt: skip

    def get_fields(self) -> dict[str, Any]:
        return {**super().get_fields(), "context": ContextField()}

    @extend_schema_field(KeepFeaturesField)
    def get_keep_features(self, intent: Intent) -> Any:
        return services.keeps(intent)


class Intents(TenantView):
    """All intents of the tenant, as the next release will have them."""

    permissions = {"GET": Permission.VIEW, "POST": Permission.MANAGE_TENANT}
    filters = IntentFilters

    @extend_schema(responses=IntentBody(many=True))
    def get(self, request: Request, tenant: str) -> Response:
        return self.page(selectors.intents(self.tenant), IntentBody)

    @extend_schema(request=CreateIntent, responses={201: IntentBody})
    def post(self, request: Request, tenant: str) -> Response:
        intent = services.create_intent(tenant=self.tenant, **self.body(CreateIntent), actor=self.person)
        return Response(IntentBody(intent).data, status=201)


class IntentDetail(TenantView):
    """One intent."""

    permissions = {"GET": Permission.VIEW, "PATCH": Permission.MANAGE_TENANT}

    def intent(self) -> Intent:
        return get_object_or_404(selectors.intents(self.tenant), name=self.kwargs["intent"])

    @extend_schema(responses=IntentBody)
    def get(self, request: Request, tenant: str, intent: str) -> Response:
        return Response(IntentBody(self.intent()).data)

    @extend_schema(request=ChangeIntent, responses=IntentBody)
    def patch(self, request: Request, tenant: str, intent: str) -> Response:
        """Change parts of an intent. What is served changes with the next release.

        How evidence judges is changed here before anything is proposed or served; then by a policy change (409 here).
        """
        changes, found = self.body(ChangeIntent, partial=True), self.intent()
        with transaction.atomic():
            judged = {name: value for name, value in changes.items() if name in judgement.SETTINGS}
            check_at_once(Subject(self.tenant, PolicyChange.Kind.JUDGEMENT, found.name), judged)
            check_segments(found, changes)
            changed = services.change_intent(intent=found, changes=changes, actor=self.person)
        return Response(IntentBody(changed).data)
