"""/api/v1/tenants/{tenant}/members and /api/v1/people: roles, of which those that decide take a second person.

Who alone makes somebody an approver has a second pair of eyes of their own. The views are those of tenants.api.
"""

from models_app.changes.policy_changes.models import PolicyChange
from models_app.changes.policy_changes.services import check_at_once
from models_app.changes.policy_changes.subjects import Subject
from tenants.api import members, people
from tenants.models import Tenant


def _check(tenant: Tenant | None, email: str, role: str | None) -> None:
    if role is not None:
        check_at_once(Subject(tenant, PolicyChange.Kind.ROLE, email.lower()), {"role": role})


class Members(members.Members):
    def check_role(self, email: str, role: str) -> None:
        _check(self.tenant, email, role)


class People(people.People):
    def check_role(self, email: str, role: str | None) -> None:
        _check(None, email, role)


class PersonDetail(people.PersonDetail):
    def check_role(self, email: str, role: str | None) -> None:
        _check(None, email, role)
