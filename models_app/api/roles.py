"""/api/v1/tenants/{tenant}/members and /api/v1/people: roles, of which those that decide take a second person.

Who alone makes somebody an approver has a second pair of eyes of their own. The views are those of tenants.api.
"""

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from models_app.changes.policy_changes.models import PolicyChange
from models_app.changes.policy_changes.services import check_at_once
from models_app.changes.policy_changes.subjects import Subject
from models_app.notifications.password_links import send_password_link
from tenants import selectors
from tenants.api import members, people
from tenants.api.base import Input
from tenants.models import Tenant


class Nothing(Input):
    """An act that needs no more than to be asked for."""


def _check(tenant: Tenant | None, email: str, role: str | None) -> None:
    check_at_once(Subject(tenant, PolicyChange.Kind.ROLE, email.lower()), {"role": role})


class PasswordLink(people.PeopleView):
    """A link by which a person sets their password."""

    permissions = {"POST": None}

    @extend_schema(request=Nothing, responses={204: None})
    def post(self, request: Request, person: int) -> Response:
        """Send it to their address: as an invitation, or where they have forgotten it."""
        found = get_object_or_404(selectors.people(), pk=person)
        self.body(Nothing)
        send_password_link(person=found, actor=self.person)
        return Response(status=204)


class Members(members.Members):
    def check_role(self, email: str, role: str) -> None:
        _check(self.tenant, email, role)


class Member(members.Member):
    def check_role(self, email: str, role: str | None) -> None:
        _check(self.tenant, email, role)


class People(people.People):
    def check_role(self, email: str, role: str | None) -> None:
        if role is not None:
            _check(None, email, role)


class PersonDetail(people.PersonDetail):
    def check_role(self, email: str, role: str | None) -> None:
        _check(None, email, role)
