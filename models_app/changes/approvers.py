"""Whose approvals count now: those of people who may still give them, whatever they could do when they did."""

from collections.abc import Iterable
from functools import cached_property

from allauth.mfa.models import Authenticator
from django.db.models import Q

from models_app.changes.evidence.models import Evidence
from models_app.changes.models import ChangeRequest, Review, ReviewPolicy
from models_app.changes.second_factor import is_asked
from models_app.changes.selectors import policy_of, valid_approvals
from models_app.sign_in.factors import PROOFS
from tenants.models import Membership, Person, Tenant
from tenants.roles import ALLOWED, Permission, Role
from tenants.scope import platform_scope


class Deciders:
    """Who may decide now for a tenant, or (None) the platform: read once, however many people are asked about."""

    def __init__(self, tenant: Tenant | None, permission: Permission, policy: ReviewPolicy | None) -> None:
        self.tenant, self.permission, self.policy = tenant, permission, policy

    def why_not(self, person: Person) -> str:
        """What keeps this person from it, to follow on who they are; empty where nothing does."""
        if not person.is_active:
            return "who is locked out"
        if person.pk not in self._with_role:
            return "who no longer has the role for it"
        if is_asked(self.policy) and person.pk not in self._with_factor:
            return "who has no second factor, as is asked for"
        return ""

    @cached_property
    def _with_role(self) -> set[int]:
        giving = [role for role in Role.values if self.permission in ALLOWED[role]]
        held = Q(tenant=None) if self.tenant is None else Q(tenant=None) | Q(tenant=self.tenant)
        with platform_scope():  # rows of no tenant are seen there only
            return set(Membership.objects.filter(held, role__in=giving).values_list("person_id", flat=True))

    @cached_property
    def _with_factor(self) -> set[int]:
        rows = Authenticator.objects.filter(type__in=PROOFS, user__in=self._with_role)
        return set(rows.values_list("user_id", flat=True))


def approvers(tenant: Tenant, policy: ReviewPolicy) -> Deciders:
    """Who may approve what is served for a tenant, by its policy as it is now."""
    by_admins = policy.approver_role == Role.ADMIN
    return Deciders(tenant, Permission.MANAGE_TENANT if by_admins else Permission.APPROVE, policy)


def managers(tenant: Tenant | None) -> Deciders:
    """Who may ask for policy changes of a tenant, or (None) of the platform's roles, and agree to them."""
    if tenant is None:
        return Deciders(None, Permission.MANAGE_PLATFORM, None)
    return Deciders(tenant, Permission.MANAGE_TENANT, policy_of(tenant))


def counting(change: ChangeRequest, evidence: Evidence | None, policy: ReviewPolicy) -> list[Review]:
    """The approvals that count now: of its document and this evidence, and answering to risk that rose."""
    bound = {"document_digest": change.digest, "evidence_digest": evidence.digest if evidence else ""}
    rows = valid_approvals(change).filter(**bound)
    if evidence is not None and evidence.risk_rose:
        rows = rows.exclude(risk_answer="")
    given = list(rows)
    gone = lapsed(change, given, policy)
    return [each for each in given if each.pk not in gone]


def lapsed(change: ChangeRequest, reviews: Iterable[Review], policy: ReviewPolicy) -> dict[int, str]:
    """By id, why approvals that nothing has voided count no more; of what is decided, they counted as it was."""
    if change.state not in ChangeRequest.OPEN:
        return {}
    now = approvers(change.tenant, policy)
    return {row.pk: f"by {row.person}, {why}" for row in reviews if row.is_given and (why := now.why_not(row.person))}
