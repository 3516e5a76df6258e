"""/api/v1/people and /api/v1/tokens: who can log in, their roles for the whole platform, and one's own tokens."""

from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from tenants import selectors, services
from tenants.api.base import Input, PersonView
from tenants.api.times import Moment
from tenants.filters import PersonFilters, TokenFilters
from tenants.models import Person, PersonalToken
from tenants.permissions import may
from tenants.roles import Permission, Role


class PersonBody(serializers.ModelSerializer[Person]):
    role = serializers.SerializerMethodField(help_text="For the whole platform; null without one.")

    class Meta:
        model = Person
        fields = ["id", "email", "name", "is_active", "role", "created_at"]

    @extend_schema_field(serializers.ChoiceField(choices=Role.choices, allow_null=True))
    def get_role(self, person: Person) -> str | None:
        return next((each.role for each in person.memberships.all() if each.tenant_id is None), None)


class CreatePerson(Input):
    email = serializers.EmailField()
    name = serializers.CharField(required=False, allow_blank=True, max_length=200)
    password = serializers.CharField(
        required=False, allow_null=True, default=None, max_length=200, help_text="Without one, only by token."
    )
    role = serializers.ChoiceField(
        required=False, allow_null=True, choices=Role.choices, help_text="For the whole platform."
    )


class ChangePerson(Input):
    name = serializers.CharField(required=False, allow_blank=True, max_length=200)
    is_active = serializers.BooleanField(required=False)
    password = serializers.CharField(required=False, max_length=200)
    role = serializers.ChoiceField(
        required=False, allow_null=True, choices=Role.choices, help_text="For the whole platform; null takes it away."
    )


class PeopleView(PersonView):
    """A view for admins of the platform; everybody else gets 404."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if not may(self.person, Permission.MANAGE_PLATFORM):
            raise Http404

    def check_role(self, email: str, role: str | None) -> None:
        """Raise Conflict where giving the role takes a second person; models_app.api.roles knows."""


class People(PeopleView):
    """Everybody who can log in."""

    permissions = {"GET": None, "POST": None}
    filters = PersonFilters

    @extend_schema(responses=PersonBody(many=True))
    def get(self, request: Request) -> Response:
        return self.page(selectors.people(), PersonBody)

    @extend_schema(request=CreatePerson, responses={201: PersonBody})
    def post(self, request: Request) -> Response:
        body = self.body(CreatePerson)
        role = body.pop("role", None)
        self.check_role(body["email"], role)
        person = services.create_person(**body, actor=self.person)
        if role is not None:
            services.add_member(person=person, tenant=None, role=role, actor=self.person)
        return Response(PersonBody(person).data, status=201)


class PersonDetail(PeopleView):
    """One person."""

    permissions = {"GET": None, "PATCH": None}

    def found(self) -> Person:
        return get_object_or_404(selectors.people(), pk=self.kwargs["person"])

    @extend_schema(responses=PersonBody)
    def get(self, request: Request, person: int) -> Response:
        return Response(PersonBody(self.found()).data)

    @extend_schema(request=ChangePerson, responses=PersonBody)
    def patch(self, request: Request, person: int) -> Response:
        """Change what is given."""
        body, found = self.body(ChangePerson, partial=True), self.found()
        if "role" in body:
            self.check_role(found.email, body["role"])
        if (password := body.pop("password", None)) is not None:
            services.set_password(person=found, password=password, actor=self.person)
        if "role" in body:
            self._set_role(found, body.pop("role"))
        services.change_person(person=found, changes=body, actor=self.person)
        return Response(PersonBody(self.found()).data)

    def _set_role(self, person: Person, role: str | None) -> None:
        held = next((each for each in person.memberships.all() if each.tenant_id is None), None)
        if role is not None:
            services.add_member(person=person, tenant=None, role=role, actor=self.person)
        elif held is not None:
            services.remove_member(membership=held, actor=self.person)


class TokenBody(serializers.ModelSerializer[PersonalToken]):
    prefix = serializers.SerializerMethodField(help_text="How the token begins; the rest is known to its owner only.")

    class Meta:
        model = PersonalToken
        fields = ["id", "name", "prefix", "created_at", "expires_at", "revoked_at", "last_used_at"]

    def get_prefix(self, token: PersonalToken) -> str:
        return f"musep_{token.prefix}"


class NewTokenBody(TokenBody):
    """`token` is the token itself. It is shown this once."""

    token = serializers.CharField()

    class Meta(TokenBody.Meta):
        fields = [*TokenBody.Meta.fields, "token"]


class CreateToken(Input):
    name = serializers.CharField(max_length=200)
    expires_at = Moment(required=False, allow_null=True)


class RevokeToken(Input):
    """An act that needs no more than to be asked for."""


class Tokens(PersonView):
    """Your own tokens, dead ones too."""

    permissions = {"GET": None, "POST": None}
    filters = TokenFilters

    @extend_schema(responses=TokenBody(many=True))
    def get(self, request: Request) -> Response:
        return self.page(selectors.tokens(self.person), TokenBody)

    @extend_schema(request=CreateToken, responses={201: NewTokenBody})
    def post(self, request: Request) -> Response:
        token, text = services.create_personal_token(person=self.person, **self.body(CreateToken), actor=self.person)
        return Response({**TokenBody(token).data, "token": text}, status=201)


class TokenRevocation(PersonView):
    """The end of a token of your own."""

    permissions = {"POST": None}

    @extend_schema(request=RevokeToken, responses=TokenBody)
    def post(self, request: Request, token: int) -> Response:
        self.body(RevokeToken)
        found = get_object_or_404(selectors.tokens(self.person), pk=token)
        return Response(TokenBody(services.revoke_personal_token(token=found, actor=self.person)).data)
