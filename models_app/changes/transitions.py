"""The one table of what can happen to a change request: from which states, to which, who may, and what must hold."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from models_app.changes import selectors
from models_app.changes.approvers import counting, lapsed
from models_app.changes.evidence.models import Evidence
from models_app.changes.hands import check_hands
from models_app.changes.models import ChangeRequest, ReviewPolicy
from models_app.changes.second_factor import check_second_factor
from models_app.changes.standing_approvals.bounds import Asked, refusals
from models_app.changes.standing_approvals.models import StandingApproval
from models_app.changes.writers import has_written, writers
from models_app.inputs.errors import invalid
from scoring import releases
from scoring.models import Release
from tenants.models import Person, Tenant
from tenants.permissions import may, require
from tenants.refusals import Conflict, Refusal, in_words
from tenants.roles import Permission, Role

State = ChangeRequest.State


@dataclass
class Standing:
    """A change request as it stands, held by a lock, and who wants something of it (None: the platform itself)."""

    change: ChangeRequest
    actor: Person | None
    under: StandingApproval | None = None  # held by a lock too, where it shall go live on that

    def as_platform(self) -> "Standing":
        """The same, with what has been read of it, for a step that follows by itself."""
        return seen(self.change, None, self.policy, self.live, self.evidence)

    @cached_property
    def policy(self) -> ReviewPolicy:
        return selectors.policy_of(self.change.tenant)

    @cached_property
    def live(self) -> Release | None:
        return releases.current(self.change.tenant)

    @cached_property
    def evidence(self) -> Evidence | None:
        return selectors.evidence_of(self.change, self.live)

    @property
    def approvals(self) -> int:
        """How many count now."""
        return len(counting(self.change, self.evidence, self.policy))


def seen(
    change: ChangeRequest, actor: Person | None, policy: ReviewPolicy, live: Release | None, evidence: Evidence | None
) -> Standing:
    """A standing of what its caller has read: without a lock, it tells what could be done."""
    standing = Standing(change, actor)
    standing.policy, standing.live, standing.evidence = policy, live, evidence
    return standing


Condition = Callable[[Standing], None]


def is_not_expired(standing: Standing) -> None:
    if standing.change.expires_at <= timezone.now():
        raise Conflict(f"{standing.change} expired at {standing.change.expires_at:%Y-%m-%d %H:%M} UTC; propose it anew")


def is_based_on_live(standing: Standing) -> None:
    live = standing.live
    if (live.pk if live else None) != standing.change.based_on_id:
        raise Conflict("another release was published meanwhile: refresh the change request, and look at it again")


def has_evidence(standing: Standing) -> None:
    if standing.evidence is None:
        raise Conflict("there is no evidence for this document beside what is live; have it computed, or wait for it")


def answers_its_gates(standing: Standing) -> None:
    """What does not pass needs a written reason."""
    evidence = standing.evidence
    passes = evidence is not None and evidence.is_good
    if not passes and not standing.change.gate_reason.strip():
        verdict = evidence.verdict if evidence else "missing"
        raise invalid("gate_reason", f"the verdict is “{verdict}”: expected a sentence that says why to publish anyway")


def is_the_authors(standing: Standing) -> None:
    """Only the author or a tenant admin may do this."""
    change, actor = standing.change, standing.actor
    if actor is not None and actor.pk != change.author_id and not may(actor, Permission.MANAGE_TENANT, change.tenant):
        raise PermissionDenied("Only its author and the tenant's admins may do this.")


def is_by_another(standing: Standing) -> None:
    """Four eyes: who wrote a change, or any revision of it, does not approve it."""
    if standing.actor is None or has_written(standing.actor, standing.change):
        raise PermissionDenied("Nobody approves a change of their own. Ask somebody else who may approve.")


def is_in_other_hands(standing: Standing) -> None:
    """Nor by the account of another: who has written it, or approved it already, is not logged in as who approves."""

    def others() -> list[Person]:
        given = selectors.valid_approvals(standing.change)
        return [*writers(standing.change), *(review.person for review in given)]

    if standing.actor is not None:
        check_hands(standing.actor, others)


def is_by_whom_the_policy_names(standing: Standing) -> None:
    if standing.policy.approver_role == Role.ADMIN and standing.actor is not None:
        require(standing.actor, Permission.MANAGE_TENANT, standing.change.tenant)


def is_with_second_factor(standing: Standing) -> None:
    """Where the policy asks for it; of what the platform does itself, nobody is asked."""
    if standing.actor is not None:
        check_second_factor(standing.change.tenant, standing.policy)


def has_its_approvals(standing: Standing) -> None:
    """As many as the policy needs, of this document and this evidence, by people who may still give them."""
    given, needed = standing.approvals, standing.policy.approvals_needed
    if given < needed:
        gone = lapsed(standing.change, selectors.valid_approvals(standing.change), standing.policy)
        without = f"; without what was given {'; '.join(gone.values())}" if gone else ""
        raise Conflict(f"{needed} approvals are needed, {given} given{without}")


def lacks_approvals(standing: Standing) -> None:
    """What is approved takes another approval only where it has lost one since."""
    if standing.change.state == State.APPROVED and standing.approvals >= standing.policy.approvals_needed:
        raise Conflict(f"{standing.change} is {State.APPROVED}; to approve it must be {State.IN_REVIEW}")


def is_within_a_standing_approval(standing: Standing) -> None:
    """All of it lies within the bounds of one that holds now; of those, nothing is published for a written reason."""
    if standing.under is None or standing.under.tenant_id != standing.change.tenant_id:
        raise Conflict("there is no standing approval on which it could go live")
    asked = Asked(standing.under, standing.change, standing.live, standing.evidence, standing.policy)
    if found := refusals(asked):
        raise Conflict("; ".join(found))


@dataclass(frozen=True)
class Transition:
    """`permission` None: only the platform itself does it."""

    name: str
    sources: tuple[State, ...]
    target: State
    permission: Permission | None
    conditions: tuple[Condition, ...] = ()


_OPEN = ChangeRequest.OPEN
_REVIEWED = (State.IN_REVIEW, State.APPROVED)
_SOUND = (is_not_expired, is_based_on_live, has_evidence, answers_its_gates)

EDIT = Transition("edit", _OPEN, State.DRAFT, Permission.PROPOSE, (is_not_expired,))
REASSESS = Transition("ask for evidence", (State.DRAFT,), State.DRAFT, Permission.PROPOSE, (is_not_expired,))
REASSESS_REVIEWED = Transition("ask for evidence", _REVIEWED, State.IN_REVIEW, Permission.PROPOSE, (is_not_expired,))
SUBMIT = Transition("submit", (State.DRAFT,), State.IN_REVIEW, Permission.PROPOSE, _SOUND)
WITHDRAW = Transition("withdraw", _OPEN, State.WITHDRAWN, Permission.PROPOSE, (is_the_authors,))
ENDORSE = Transition(
    "approve",
    _REVIEWED,
    State.IN_REVIEW,
    Permission.APPROVE,
    (lacks_approvals, is_by_another, is_in_other_hands, is_by_whom_the_policy_names, is_with_second_factor, *_SOUND),
)
PASS = Transition("pass", _REVIEWED, State.APPROVED, None, (has_its_approvals, *_SOUND))
REJECT = Transition("reject", _REVIEWED, State.REJECTED, Permission.APPROVE)
PUBLISH = Transition(
    "publish",
    (State.APPROVED,),
    State.PUBLISHED,
    Permission.APPROVE,
    (is_with_second_factor, has_its_approvals, *_SOUND),
)
PUBLISH_STANDING = Transition(
    "publish by a standing approval",
    (State.DRAFT,),
    State.PUBLISHED,
    None,
    (is_not_expired, is_based_on_live, has_evidence, is_within_a_standing_approval),
)
EXPIRE = Transition("expire", _OPEN, State.EXPIRED, None)
ROLL_BACK = Transition("roll back", (State.PUBLISHED,), State.ROLLED_BACK, Permission.APPROVE)

TABLE = (
    EDIT,
    REASSESS,
    REASSESS_REVIEWED,
    SUBMIT,
    WITHDRAW,
    ENDORSE,
    PASS,
    REJECT,
    PUBLISH,
    PUBLISH_STANDING,
    EXPIRE,
    ROLL_BACK,
)


def held(change: ChangeRequest, actor: Person | None) -> Standing:
    """The change request as it is now, until the transaction ends; whoever comes second sees what the first did."""
    Tenant.objects.select_for_update(no_key=True).get(pk=change.tenant_id)
    rows = ChangeRequest.objects.select_for_update(of=("self",)).select_related("tenant")
    return Standing(rows.get(pk=change.pk), actor)


def check(standing: Standing, transition: Transition) -> None:
    """Whether it may happen. Raises PermissionDenied, Conflict, or ValidationError naming the field."""
    change, actor = standing.change, standing.actor
    if actor is not None:
        if transition.permission is None:
            raise PermissionDenied(f"“{transition.name}” is done by the platform itself.")
        require(actor, transition.permission, change.tenant)
    if change.state not in transition.sources:
        wanted = " or ".join(transition.sources)
        raise Conflict(f"{change} is {change.state}; to {transition.name} it must be {wanted}")
    for condition in transition.conditions:
        condition(standing)


def why_not(standing: Standing, transition: Transition) -> str:
    """What speaks against it now, in words; empty where nothing does."""
    try:
        check(standing, transition)
    except (PermissionDenied, ValidationError, Refusal) as refusal:
        return in_words(refusal)
    return ""


def move(standing: Standing, transition: Transition) -> None:
    """Check, and put the change request into the state that follows; saving is the caller's."""
    check(standing, transition)
    standing.change.state = transition.target
