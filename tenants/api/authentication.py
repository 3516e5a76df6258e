"""How REST callers say who they are. The middleware has looked them up (tenants.caller); these classes pass it on."""

from dataclasses import dataclass
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from tenants import networks
from tenants.caller import Caller, current
from tenants.models import ApiKey, Person, PersonalToken


@dataclass(frozen=True)
class Client:
    """What `request.user` is where a client's key was given: a program of the tenant, not a person."""

    key: ApiKey
    is_authenticated: bool = True
    is_active: bool = True

    @property
    def tenant_id(self) -> int:
        return self.key.tenant_id


class _Bearer(BaseAuthentication):
    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="MUSE"'

    def _caller(self) -> Caller:
        caller = current()
        if caller.refused:
            raise AuthenticationFailed(caller.refused)
        if caller.elsewhere:
            raise PermissionDenied(networks.refusal(caller.address))
        return caller


class PersonalTokenAuthentication(_Bearer):
    """`Authorization: Bearer musep_…`: `request.user` is the person, `request.auth` the token."""

    def authenticate(self, request: Request) -> tuple[Person, PersonalToken] | None:
        caller = self._caller()
        return (caller.person, caller.token) if caller.person and caller.token else None


class ApiKeyAuthentication(_Bearer):
    """`Authorization: Bearer muse_…`: `request.user` is a Client, `request.auth` the key."""

    def authenticate(self, request: Request) -> tuple[Client, ApiKey] | None:
        caller = self._caller()
        return (Client(caller.key), caller.key) if caller.key else None


class PersonalTokenScheme(OpenApiAuthenticationExtension):
    target_class = PersonalTokenAuthentication
    name = "personal_token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "description": "A personal token, `musep_…`."}


class ApiKeyScheme(OpenApiAuthenticationExtension):
    target_class = ApiKeyAuthentication
    name = "api_key"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "description": "A client's key, `muse_…`."}
