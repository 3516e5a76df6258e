"""/api/v1/tenants/{tenant}/keys: the API keys of a client."""

from datetime import timedelta
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from tenants import selectors, services
from tenants.api.base import Input, TenantView
from tenants.api.tenants import MAX_DAY_QUOTA, MAX_QUOTA
from tenants.api.times import Moment
from tenants.filters import KeyFilters
from tenants.models import ApiKey
from tenants.networks import LONGEST, MOST
from tenants.roles import Permission

MAX_OVERLAP = 30 * 24 * 3600


class KeyBody(serializers.ModelSerializer[ApiKey]):
    prefix = serializers.SerializerMethodField(help_text="How the key begins; the rest is known to its owner only.")
    replaces = serializers.IntegerField(source="replaces_id", allow_null=True)

    class Meta:
        model = ApiKey
        fields = [
            "id", "name", "prefix", "scopes", "networks", "quota_per_second", "quota_per_day", "created_at",
            "expires_at", "revoked_at", "last_used_at", "refused_at", "refused_from", "replaces",
        ]  # fmt: skip

    def get_prefix(self, key: ApiKey) -> str:
        return f"muse_{key.prefix}"


class NewKeyBody(KeyBody):
    """`key` is the key itself. It is shown this once."""

    key = serializers.CharField()

    class Meta(KeyBody.Meta):
        fields = [*KeyBody.Meta.fields, "key"]


def _networks(**words: Any) -> serializers.ListField:
    text = "Where the key may be used: networks as 192.0.2.0/24 or 2001:db8::/32, or addresses. None: anywhere."
    return serializers.ListField(
        child=serializers.CharField(max_length=LONGEST), max_length=MOST, help_text=text, **words
    )


def _quota(**words: Any) -> serializers.IntegerField:
    text = "Events a second with this key, beside the tenant's quota; null: no limit of its own."
    return serializers.IntegerField(allow_null=True, min_value=1, max_value=MAX_QUOTA, help_text=text, **words)


def _day_quota() -> serializers.IntegerField:
    text = "Events a day (UTC) with this key, beside the tenant's quota; null: no limit of its own."
    return serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=MAX_DAY_QUOTA, help_text=text
    )


class CreateKey(Input):
    name = serializers.CharField(max_length=200)
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=ApiKey.Scope.choices), allow_empty=False, max_length=3
    )
    expires_at = Moment(required=False, allow_null=True)
    networks = _networks(required=False)
    quota_per_second = _quota(required=False)
    quota_per_day = _day_quota()


class RestrictKey(Input):
    networks = _networks()


class LimitKey(Input):
    quota_per_second = _quota()
    quota_per_day = _day_quota()


class RotateKey(Input):
    overlap_seconds = serializers.IntegerField(
        min_value=0, max_value=MAX_OVERLAP, default=24 * 3600, help_text="How long the old key works beside the new."
    )


class RevokeKey(Input):
    reason = serializers.CharField(required=False, allow_blank=True, default="", max_length=2000)


class Keys(TenantView):
    """All keys of the tenant, dead ones too."""

    permissions = {"GET": Permission.VIEW, "POST": Permission.MANAGE_TENANT}
    filters = KeyFilters

    @extend_schema(responses=KeyBody(many=True))
    def get(self, request: Request, tenant: str) -> Response:
        return self.page(selectors.api_keys(self.tenant), KeyBody)

    @extend_schema(request=CreateKey, responses={201: NewKeyBody})
    def post(self, request: Request, tenant: str) -> Response:
        key, text = services.create_api_key(tenant=self.tenant, **self.body(CreateKey), actor=self.person)
        return _created(key, text)


class _OneKey(TenantView):
    permissions = {"POST": Permission.MANAGE_TENANT}

    def api_key(self) -> ApiKey:
        return get_object_or_404(selectors.api_keys(self.tenant), pk=self.kwargs["key"])


class KeyNetworks(_OneKey):
    """From where a key may be used."""

    permissions = {"PUT": Permission.MANAGE_TENANT}

    @extend_schema(request=RestrictKey, responses=KeyBody)
    def put(self, request: Request, tenant: str, key: int) -> Response:
        """It holds within two seconds; a request from elsewhere is 403."""
        found, wanted = self.api_key(), self.body(RestrictKey)["networks"]
        return Response(KeyBody(services.restrict_api_key(key=found, networks=wanted, actor=self.person)).data)


class KeyQuota(_OneKey):
    """How many events may be scored with a key in a second, and on a day."""

    permissions = {"PUT": Permission.MANAGE_TENANT}

    @extend_schema(request=LimitKey, responses=KeyBody)
    def put(self, request: Request, tenant: str, key: int) -> Response:
        """It holds within two seconds; what is beyond is 429. The tenant's holds beside it. A day's not sent stays."""
        found, quotas = self.api_key(), self.body(LimitKey)
        return Response(KeyBody(services.limit_api_key(key=found, **quotas, actor=self.person)).data)


class KeyRotation(_OneKey):
    """A new key in the place of an old one, with the same scopes, networks, quota and expiry."""

    @extend_schema(request=RotateKey, responses={201: NewKeyBody})
    def post(self, request: Request, tenant: str, key: int) -> Response:
        overlap = timedelta(seconds=self.body(RotateKey)["overlap_seconds"])
        return _created(*services.rotate_api_key(key=self.api_key(), overlap=overlap, actor=self.person))


class KeyRevocation(_OneKey):
    """The end of a key: nobody is let in with it any more."""

    @extend_schema(request=RevokeKey, responses=KeyBody)
    def post(self, request: Request, tenant: str, key: int) -> Response:
        reason = self.body(RevokeKey)["reason"]
        revoked = services.revoke_api_key(key=self.api_key(), actor=self.person, reason=reason)
        return Response(KeyBody(revoked).data)


def _created(key: ApiKey, text: str) -> Response:
    return Response({**KeyBody(key).data, "key": text}, status=201)
