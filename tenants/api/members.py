"""/api/v1/tenants/{tenant}/members: who holds which role in a tenant."""

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from tenants import selectors, services
from tenants.api.base import Input, TenantView
from tenants.filters import MemberFilters
from tenants.models import Membership, Person
from tenants.roles import Permission, Role


class MemberBody(serializers.ModelSerializer[Membership]):
    email = serializers.EmailField(source="person.email")
    name = serializers.CharField(source="person.name")

    class Meta:
        model = Membership
        fields = ["id", "email", "name", "role", "created_at"]


class AddMember(Input):
    email = serializers.EmailField()
    role = serializers.ChoiceField(choices=Role.choices)

    def validate_email(self, email: str) -> str:
        if not Person.objects.filter(email=email.lower()).exists():
            raise serializers.ValidationError(
                f"expected the address of a person that is known here, found {email}; "
                "an admin of the platform adds people with `manage.py create_person`"
            )
        return email.lower()


class Members(TenantView):
    """People with a role in this tenant. Those with a role for the whole platform are not listed."""

    permissions = {"GET": Permission.VIEW, "POST": Permission.MANAGE_TENANT}
    filters = MemberFilters

    @extend_schema(responses=MemberBody(many=True))
    def get(self, request: Request, tenant: str) -> Response:
        return self.page(selectors.members(self.tenant), MemberBody)

    def check_role(self, email: str, role: str) -> None:
        """Raise Conflict where giving the role takes a second person; models_app.api.roles knows."""

    @extend_schema(request=AddMember, responses={201: MemberBody})
    def post(self, request: Request, tenant: str) -> Response:
        """Give a person a role here; it replaces the one that they held."""
        body = self.body(AddMember)
        self.check_role(body["email"], body["role"])
        person = Person.objects.get(email=body["email"])
        membership = services.add_member(person=person, tenant=self.tenant, role=body["role"], actor=self.person)
        return Response(MemberBody(membership).data, status=201)


class Member(TenantView):
    """One person's role in this tenant."""

    permissions = {"DELETE": Permission.MANAGE_TENANT}

    def check_role(self, email: str, role: str | None) -> None:
        """Raise Conflict where taking the role takes a second person; models_app.api.roles knows."""

    @extend_schema(responses={204: None})
    def delete(self, request: Request, tenant: str, member: int) -> Response:
        membership = get_object_or_404(selectors.members(self.tenant), pk=member)
        self.check_role(membership.person.email, None)
        services.remove_member(membership=membership, actor=self.person)
        return Response(status=204)
