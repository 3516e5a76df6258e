"""Who may call a view: first whether it exists for the caller (404), then whether they may do it (403)."""

from typing import Any

from django.http import Http404
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from tenants.models import ApiKey, Person
from tenants.permissions import may
from tenants.roles import Permission


class PersonMay(BasePermission):
    """For PersonViews: the person has what `permissions` of the view names for the method; None: everybody may."""

    message = "Your role does not allow this. Ask an admin for one that does; GET /api/v1/me shows what you may do."

    def has_permission(self, request: Request, view: Any) -> bool:
        person = request.user
        if not isinstance(person, Person):
            return False
        method = "GET" if request.method == "HEAD" else request.method or ""
        if method not in view.permissions:
            raise MethodNotAllowed(method)
        if view.shared and not may(person, Permission.VIEW_SHARED):
            raise Http404
        permission, tenant = view.permissions[method], view.tenant
        return permission is None or may(person, permission, tenant)


class KeyMay(BasePermission):
    """For clients' keys: the key has the scope that `key_scope` of the view names."""

    def has_permission(self, request: Request, view: Any) -> bool:
        scope = view.key_scope
        self.message = f"This key lacks the scope “{scope}”. Ask an admin for a key that has it."
        return isinstance(request.auth, ApiKey) and scope in request.auth.scopes
