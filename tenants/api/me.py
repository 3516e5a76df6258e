"""/api/v1/me: who the token's person is, what they may do where, and whether and when they get e-mails."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from tenants import selectors, services
from tenants.api.base import Input, PersonView
from tenants.models import Person
from tenants.permissions import permissions_of, roles_of

QUIET_HOURS = (
    "In which no e-mail comes of what is not urgent, as `22:00-07:00 Europe/Berlin`; it comes at their end. Empty: "
    "those of the tenant that it is about."
)


class HeldRole(serializers.Serializer[Any]):
    tenant = serializers.CharField(allow_null=True, help_text="Null: the role is held for the whole platform.")
    role = serializers.CharField()
    acts = serializers.ListField(child=serializers.CharField(), help_text="What the person may do there.")


class MeBody(serializers.Serializer[Any]):
    email = serializers.EmailField()
    name = serializers.CharField()
    wants_email = serializers.BooleanField(help_text="Whether e-mails come of what concerns the person.")
    quiet_hours = serializers.CharField(help_text=QUIET_HOURS)
    roles = HeldRole(many=True)


class ChangeMe(Input):
    wants_email = serializers.BooleanField(required=False)
    quiet_hours = serializers.CharField(required=False, allow_blank=True, max_length=80, help_text=QUIET_HOURS)


class Me(PersonView):
    """The person that the token belongs to."""

    permissions = {"GET": None, "PATCH": None}

    @extend_schema(responses=MeBody)
    def get(self, request: Request) -> Response:
        return Response(_body(self.person))

    @extend_schema(request=ChangeMe, responses=MeBody)
    def patch(self, request: Request) -> Response:
        """Change what is given."""
        changes = self.body(ChangeMe, partial=True)
        if "wants_email" in changes:
            services.set_wants_email(person=self.person, wants_email=changes["wants_email"], actor=self.person)
        if "quiet_hours" in changes:
            services.set_quiet_hours(person=self.person, quiet_hours=changes["quiet_hours"], actor=self.person)
        return Response(_body(self.person))


def _body(person: Person) -> dict[str, Any]:
    own = {name: getattr(person, name) for name in ("email", "name", "wants_email", "quiet_hours")}
    return {**own, "roles": list(_roles(person))}


def _roles(person: Person) -> Any:
    held = roles_of(person)
    if None in held:
        yield {"tenant": None, "role": held[None], "acts": sorted(permissions_of(person, None))}
    for tenant in selectors.tenants().filter(pk__in=[pk for pk in held if pk is not None]):
        yield {"tenant": tenant.slug, "role": held[tenant.pk], "acts": sorted(permissions_of(person, tenant))}
