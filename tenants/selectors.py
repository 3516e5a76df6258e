"""What reads tenants and what hangs on them; always within the scope that is set."""

from django.db.models import Model, QuerySet
from django.utils import timezone

from tenants.history import kind_of
from tenants.models import ApiKey, AuditEntry, Intent, Membership, Person, PersonalToken, Tenant


def tenants() -> QuerySet[Tenant]:
    return Tenant.objects.all()


def members(tenant: Tenant) -> QuerySet[Membership]:
    """Who holds a role in this tenant; roles for the whole platform are not among them."""
    return Membership.objects.filter(tenant=tenant).select_related("person", "tenant").order_by("person__email")


def api_keys(tenant: Tenant) -> QuerySet[ApiKey]:
    """All keys of a tenant, dead ones too, newest first."""
    return ApiKey.objects.filter(tenant=tenant).select_related("tenant")


def live_api_keys() -> QuerySet[ApiKey]:
    """The keys that are not revoked yet, of all tenants in scope, with their tenants: what a keyring holds.

    Some may still expire, or be at the end of an overlap: `expires_at` and `revoked_at` say when.
    """
    return ApiKey.objects.select_related("tenant").exclude(revoked_at__lte=timezone.now())


def intents(tenant: Tenant) -> QuerySet[Intent]:
    return Intent.objects.filter(tenant=tenant).select_related("tenant")


def audit_trail(tenant: Tenant | None = None) -> QuerySet[AuditEntry]:
    """What was done, newest first: in a tenant, or (None) everywhere in scope."""
    entries = AuditEntry.objects.select_related("person", "tenant")
    return entries if tenant is None else entries.filter(tenant=tenant)


def audit_of(row: Model) -> QuerySet[AuditEntry]:
    """What was done to a row of any kind that the audit trail names, newest first."""
    return audit_trail().filter(subject_type=kind_of(row), subject_id=row.pk)


def audit_people(tenant: Tenant | None) -> list[str]:
    """The e-mail addresses of those whom the audit trail names."""
    entries = AuditEntry.objects.all() if tenant is None else AuditEntry.objects.filter(tenant=tenant)
    named = entries.exclude(person=None).order_by("person__email")
    return list(named.values_list("person__email", flat=True).distinct())


def people() -> QuerySet[Person]:
    """Everybody, with their roles, by address."""
    return Person.objects.prefetch_related("memberships__tenant").order_by("email")


def tokens(person: Person) -> QuerySet[PersonalToken]:
    """A person's own, newest first."""
    return PersonalToken.objects.filter(person=person).order_by("-id")
