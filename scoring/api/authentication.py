"""API keys for the scoring API: looked up in memory, never in the database."""

from typing import Any, cast

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated, PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from scoring.serving import metrics
from scoring.serving.keyring import Elsewhere, Key
from scoring.serving.process import serving
from tenants import refusals


class ApiKeyAuthentication(BaseAuthentication):
    """`request.auth` becomes the key. There is no person behind it."""

    def authenticate(self, request: Request) -> tuple[None, Key]:
        if not request.META.get("HTTP_AUTHORIZATION"):
            raise NotAuthenticated("Send an API key: 'Authorization: Bearer muse_…'.")
        try:
            return None, serving().service.authenticate(request.META)
        except Elsewhere:
            metrics.key_used_elsewhere()
            raise
        except refusals.NotAuthenticated as refusal:
            serving().service.refused_key(request.META)
            raise AuthenticationFailed(str(refusal)) from refusal  # to which the framework adds the challenge

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="muse"'


def key_of(request: Request) -> Key:
    """The key that an authenticated request came with."""
    return cast(Key, request.auth)


class KeyHasScope(BasePermission):
    """Whether the key may do what the view's `scope` says."""

    def has_permission(self, request: Request, view: Any) -> bool:
        scopes = key_of(request).scopes
        if view.scope in scopes:
            return True
        has = ", ".join(scopes)
        raise PermissionDenied(f"This needs a key with the scope '{view.scope}'; this key has: {has}.")
