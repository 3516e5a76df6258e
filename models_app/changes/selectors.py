"""Reading change requests, their evidence and their reviews."""

from datetime import timedelta

from django.db.models import Case, OuterRef, Q, QuerySet, Subquery, Value, When
from django.utils import timezone

from models_app.changes.evidence.models import Evidence
from models_app.changes.models import ChangeRequest, Review, ReviewPolicy
from models_app.intents import judgement
from scoring.models import Release
from tenants.audit_terms import AuditAction
from tenants.models import AuditEntry, Tenant
from tenants.roles import Role, decides
from tenants.scope import platform_scope
from tenants.selectors import audit_trail

# Acts that change what decides over change requests: the review policy, how evidence judges an intent, who approves.
DECIDING = [role for role in Role.values if decides(role)]
_MOVES_ROLES = Q(act__in=[AuditAction.ADD_MEMBER, AuditAction.REMOVE_MEMBER], details__role__in=DECIDING)
_MOVES_GOALPOSTS = (
    Q(act=AuditAction.SET_REVIEW_POLICY)
    | Q(act=AuditAction.CHANGE_INTENT, details__after__has_any_keys=list(judgement.SETTINGS))
    | _MOVES_ROLES
)
SOON, WITHIN = "soon", timedelta(days=2)


def changes(tenant: Tenant | None = None) -> QuerySet[ChangeRequest]:
    """A tenant's change requests, or all in the scope, newest first.

    `verdict` and `risk_rose` are those of the latest evidence.
    """
    rows = ChangeRequest.objects.all() if tenant is None else ChangeRequest.objects.filter(tenant=tenant)
    latest = Evidence.objects.filter(change_request=OuterRef("pk")).order_by("-id")
    people = ("tenant", "author", "edited_by", "based_on", "republishes", "release")
    return rows.select_related(*people).annotate(
        verdict=Subquery(latest.values("verdict")[:1]),
        risk_rose=Subquery(latest.values("risk_rose")[:1]),
        evidence_state=Subquery(latest.values("state")[:1]),
    )


def listed(tenant: Tenant | None = None) -> QuerySet[ChangeRequest]:
    """As `changes`, without what is large: for lists. `urgency` is SOON for an open one that expires soon."""
    related = ("based_on__document", "republishes__document", "release__document")
    urgency = Case(When(expires_soon(), then=Value(SOON)), default=Value(""))
    return changes(tenant).defer("document", "routes", *related).annotate(urgency=urgency)


def expires_soon() -> Q:
    """Open, and only for a few more days."""
    return Q(state__in=ChangeRequest.OPEN, expires_at__lte=timezone.now() + WITHIN)


def concerning(intent: str) -> Q:
    """Change requests that name this intent, or bring back all of an earlier release."""
    return Q(routes__has_key=intent) | Q(republishes__isnull=False)


def releases_concerning(intent: str) -> Q:
    """Releases of such change requests, and those that have none, whatever they hold."""
    return Q(change_request__routes__has_key=intent) | Q(change_request=None) | Q(republishes__isnull=False)


def beside_live(tenant: Tenant) -> QuerySet[ChangeRequest]:
    """As `changes`, with the tenant's policy and what is live, so that a page asks once."""
    related = ("republishes__document", "release__document", "tenant__current__release__document")
    rows = changes(tenant).select_related("tenant__review_policy", "tenant__current__release")
    return rows.defer(*related)


def policy_of(tenant: Tenant) -> ReviewPolicy:
    """The tenant's policy, or one (unsaved) of the defaults."""
    return ReviewPolicy.objects.filter(tenant=tenant).first() or ReviewPolicy(tenant=tenant)


def evidence_of(change: ChangeRequest, live: Release | None) -> Evidence | None:
    """Return the latest evidence if it is finished and was computed for this document against the live release."""
    latest = _by_age(change).defer("result", "figures").first()  # large, and not what approvals are bound by
    return latest if latest is not None and counts(latest, change, live) else None


def counts(evidence: Evidence, change: ChangeRequest, live: Release | None) -> bool:
    """Whether it is done, and speaks of the change request's document as it is and of what is live."""
    speaks_of = (evidence.document_digest, evidence.live_digest)
    return evidence.state == Evidence.State.SUCCEEDED and speaks_of == (change.digest, live.digest if live else "")


def latest_evidence(change: ChangeRequest) -> Evidence | None:
    """The newest, in whatever state it is."""
    return _by_age(change).first()


def verdict_of(change: ChangeRequest) -> str:
    """What the newest evidence says, or (until it says something) the state that it is in."""
    latest = _by_age(change).values_list("verdict", "state").first()
    return "missing" if latest is None else latest[0] or latest[1]


def risk_rose(change: ChangeRequest) -> bool:
    """Whether it did, by the newest evidence."""
    return bool(_by_age(change).values_list("risk_rose", flat=True).first())


def _by_age(change: ChangeRequest) -> QuerySet[Evidence]:
    return Evidence.objects.filter(change_request=change).order_by("-id")


def valid_approvals(change: ChangeRequest) -> QuerySet[Review]:
    """The approvals that nothing has voided; approvers.counting has those that count."""
    return Review.objects.filter(change_request=change, **Review.GIVEN).select_related("person")


def reviews(change: ChangeRequest) -> QuerySet[Review]:
    """All that was said of it, in order."""
    return Review.objects.filter(change_request=change).select_related("person")


def all_evidence(change: ChangeRequest) -> QuerySet[Evidence]:
    """Newest first, without what was found."""
    return _by_age(change).defer("result", "figures", "log").select_related("created_by")


def release_after(release: Release) -> Release | None:
    """What took its place."""
    rows = Release.objects.filter(tenant=release.tenant_id, number__gt=release.number).order_by("number")
    return rows.defer("document").select_related("published_by").first()


def policy_changes(change: ChangeRequest) -> list[AuditEntry]:
    """How what decides over it was changed between the proposal and its decision, oldest first.

    Roles of the whole platform approve here too.
    """
    decides = (Q(tenant=change.tenant) & _MOVES_GOALPOSTS) | (Q(tenant=None) & _MOVES_ROLES)
    with platform_scope():  # entries of no tenant are seen there only
        policy_set = audit_trail().filter(decides, at__gt=change.created_at).order_by("id")
        return list(policy_set.filter(at__lt=change.decided_at) if change.decided_at else policy_set)
