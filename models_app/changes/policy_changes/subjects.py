"""What policy changes are of: the values that decide what passes, and the services that write them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from models_app.changes.models import ChangeRequest
from models_app.changes.policy import FIELDS, set_policy
from models_app.changes.policy_changes.models import PolicyChange
from models_app.changes.second_factor import check_second_factor
from models_app.changes.selectors import policy_of
from models_app.inputs.errors import invalid
from models_app.intents.services import change_intent, judgement_of
from scoring.models import Release
from tenants.models import Intent, Membership, Person, Tenant
from tenants.roles import ALLOWED, Permission, decides
from tenants.scope import platform_scope
from tenants.services import add_member, remove_member

Kind = PolicyChange.Kind
Values = Mapping[str, Any]


@dataclass(frozen=True)
class Subject:
    """What a policy change is of: its tenant, its kind, and (of an intent or a person) its name."""

    tenant: Tenant | None
    kind: str
    name: str = ""

    def now(self) -> dict[str, Any]:
        """All its values, by field."""
        return _NOW[self.kind](self)

    def write(self, values: Values, actor: Person | None, reason: str) -> None:
        """Write these values, by who has shown a second factor where that is asked for. Raises as its service does."""
        self.check_proven(values)
        _WRITE[self.kind](self, values, actor, reason)

    def check_proven(self, values: Values) -> None:
        """Raise SecondFactorNeeded where writing these values takes one that was not shown; of no role but deciding."""
        if self.kind != Kind.ROLE or decides(values["role"]) or decides(self.now()["role"]):
            check_second_factor(self.tenant)

    def tried(self, values: Values, actor: Person | None) -> tuple[dict[str, Any], dict[str, Any]]:
        """What these values would change: the fields that differ, before and after.

        They are written and taken back, so that what is refused is refused now, by the service that would write them.
        """
        before = self.now()
        with transaction.atomic():
            self.write(values, actor, "")
            after = self.now()
            transaction.set_rollback(True)
        differ = [field for field in before if before[field] != after[field]]
        return {field: before[field] for field in differ}, {field: after[field] for field in differ}


def moves_goalposts(subject: Subject, values: Values) -> bool:
    """Whether these values differ from what is in a way that decides what passes.

    Of roles, those that approve or say who may: given, or taken away, for who is left decides alone then.
    """
    now = subject.now()
    differ = any(now.get(field) != value for field, value in values.items())
    if subject.kind != Kind.ROLE or not differ:
        return differ
    return decides(values["role"]) or decides(now["role"])


def gives(change: PolicyChange) -> bool:
    """Whether it gives somebody a role that decides, or a higher one."""
    before, after = (ALLOWED.get(values.get("role") or "", set()) for values in (change.before, change.after))
    return change.kind == Kind.ROLE and not after <= before


def managing(tenant: Tenant | None) -> Permission:
    """What somebody must be allowed to do who asks for a policy change or decides over it."""
    return Permission.MANAGE_TENANT if tenant else Permission.MANAGE_PLATFORM


def is_begun(tenant: Tenant | None) -> bool:
    """Whether anything goes by it yet: something was proposed or served, in the tenant or (None) anywhere."""
    if tenant is None:
        with platform_scope():
            return ChangeRequest.objects.exists() or Release.objects.exists()
    return ChangeRequest.objects.filter(tenant=tenant).exists() or Release.objects.filter(tenant=tenant).exists()


def _tenant(subject: Subject) -> Tenant:
    if subject.tenant is None:
        raise invalid("kind", "expected “role”: the platform has neither a review policy nor intents")
    return subject.tenant


def _intent(subject: Subject) -> Intent:
    intent = Intent.objects.filter(tenant=_tenant(subject), name=subject.name).first()
    if intent is None:
        raise invalid("subject", f"expected the name of an intent, found {subject.name!r}")
    return intent


def _policy_now(subject: Subject) -> dict[str, Any]:
    policy = policy_of(_tenant(subject))
    return {field: getattr(policy, field) for field in FIELDS}


def _write_policy(subject: Subject, values: Values, actor: Person | None, reason: str) -> None:
    set_policy(actor=actor, tenant=_tenant(subject), changes=values, reason=reason)


def _judgement_now(subject: Subject) -> dict[str, Any]:
    return judgement_of(_intent(subject))


def _write_judgement(subject: Subject, values: Values, actor: Person | None, reason: str) -> None:
    change_intent(intent=_intent(subject), changes=values, actor=actor, reason=reason)


def _role_now(subject: Subject) -> dict[str, Any]:
    with platform_scope():  # rows of no tenant are seen there only
        held = Membership.objects.filter(person__email=subject.name, tenant=subject.tenant).first()
    return {"role": held.role if held else None}


def _write_role(subject: Subject, values: Values, actor: Person | None, reason: str) -> None:
    person = Person.objects.filter(email=subject.name).first()
    if person is None:
        raise invalid("subject", f"expected the e-mail address of a person that is known here, found {subject.name!r}")
    if values["role"] is not None:
        add_member(person=person, tenant=subject.tenant, role=values["role"], actor=actor, reason=reason)
        return
    with platform_scope():
        held = person.memberships.select_related("person", "tenant").filter(tenant=subject.tenant).first()
    if held is not None:
        remove_member(membership=held, actor=actor, reason=reason)


_NOW: Mapping[str, Callable[[Subject], dict[str, Any]]] = {
    Kind.POLICY: _policy_now,
    Kind.JUDGEMENT: _judgement_now,
    Kind.ROLE: _role_now,
}
_WRITE: Mapping[str, Callable[[Subject, Values, Person | None, str], None]] = {
    Kind.POLICY: _write_policy,
    Kind.JUDGEMENT: _write_judgement,
    Kind.ROLE: _write_role,
}
