"""What waits for a person: the change requests that they may approve or publish now, as transitions.py has it."""

from collections.abc import Iterable, Iterator

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from models_app.changes.evidence.models import Evidence
from models_app.changes.models import ChangeRequest, Review
from models_app.changes.selectors import listed
from models_app.changes.transitions import ENDORSE, PUBLISH, Standing
from models_app.changes.writers import written_by
from tenants.models import Person, Tenant
from tenants.permissions import may
from tenants.roles import Permission, Role


def waiting_for(person: Person, tenants: Iterable[Tenant]) -> Iterator[ChangeRequest]:
    """Of these tenants', the first to expire on top; `sentence` is that of the evidence.

    In one query, however many there are, and a few for each that is approved and not published, for an approval lapses
    with its giver's role. Who lacks the second factor that a policy asks for can show it.
    """
    mine = [tenant for tenant in tenants if may(person, PUBLISH.permission or Permission.APPROVE, tenant)]
    sentence = _latest().values("sentence")[:1]
    rows = _sound(listed().filter(tenant__in=mine)).annotate(sentence=Subquery(sentence))
    endorsed = rows.filter(_may_endorse(person, mine))
    for change in rows.filter(_may_endorse(person, mine) | Q(state__in=PUBLISH.sources)).order_by("expires_at", "pk"):
        if change.state not in PUBLISH.sources or _is_approved(change) or endorsed.filter(pk=change.pk).exists():
            yield change


def _is_approved(change: ChangeRequest) -> bool:
    """Still: by as many people as its policy needs, who may approve it yet."""
    standing = Standing(change, None)
    return standing.approvals >= standing.policy.approvals_needed


def _may_endorse(person: Person, tenants: Iterable[Tenant]) -> Q:
    """Written by others, of a tenant whose policy takes this person's approval, which has not been given yet."""
    managed = [tenant for tenant in tenants if may(person, Permission.MANAGE_TENANT, tenant)]
    named = ~Q(tenant__review_policy__approver_role=Role.ADMIN) | Q(tenant__in=managed)
    approved = Exists(Review.objects.filter(change_request=OuterRef("pk"), person=person, **Review.GIVEN))
    return Q(named, ~written_by(person), ~approved, state__in=ENDORSE.sources)


def _sound(rows: QuerySet[ChangeRequest]) -> QuerySet[ChangeRequest]:
    """Not expired, based on what is live, with evidence of just that, which passes or is answered."""
    of_live = Q(based_on=F("tenant__current__release")) | Q(based_on=None, tenant__current=None)
    is_done = Q(evidence_state=Evidence.State.SUCCEEDED)
    rows = rows.filter(of_live, is_done, expires_at__gt=timezone.now())
    rows = rows.annotate(
        assessed=Subquery(_latest().values("document_digest")[:1]), beside=Subquery(_latest().values("live_digest")[:1])
    )
    rows = rows.filter(assessed=F("digest"), beside=Coalesce(F("based_on__digest"), Value("")))
    return rows.filter(Q(verdict__in=Evidence.GOOD) | ~Q(gate_reason=""))


def _latest() -> QuerySet[Evidence]:
    return Evidence.objects.filter(change_request=OuterRef("pk")).order_by("-id")
