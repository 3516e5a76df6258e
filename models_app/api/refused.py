"""/api/v1/tenants/{tenant}/refused-requests: how many requests scoring refused, by hour, intent and reason."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from models_app.monitoring.filters import RefusedFilters
from models_app.monitoring.refused import refused_requests
from scoring.models import RefusedRequests
from scoring.serving.refused import REASONS
from tenants.api.base import TenantView
from tenants.roles import Permission


class RefusedBody(serializers.ModelSerializer[RefusedRequests]):
    intent = serializers.CharField(help_text="Empty where the request names none that is served, or was not read.")
    reason = serializers.ChoiceField(list(REASONS))
    requests = serializers.IntegerField(help_text="Of the reason `event`: events of batches.")

    class Meta:
        model = RefusedRequests
        fields = ["hour", "intent", "reason", "requests"]


class Refusals(TenantView):
    """Requests that were refused, the newest hour first. Those with a key that nobody has had are in no tenant's."""

    permissions = {"GET": Permission.VIEW}
    filters = RefusedFilters

    @extend_schema(responses=RefusedBody(many=True))
    def get(self, request: Request, tenant: str) -> Response:
        return self.page(refused_requests(self.tenant), RefusedBody)
