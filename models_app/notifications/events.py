"""The one list of what is told: an event's name, what it says, and which people get an e-mail."""

from dataclasses import dataclass
from enum import Enum, StrEnum


class Event(StrEnum):
    SUBMITTED = "change.submitted"
    APPROVED = "change.approved"
    REJECTED = "change.rejected"
    PUBLISHED = "change.published"
    EXPIRED = "change.expired"
    EVIDENCE_READY = "evidence.ready"
    FIT_FAILED = "fit.failed"
    ROLLED_BACK = "release.rolled_back"
    TAKEN_BACK = "release.taken_back"
    NOT_LOADING = "release.not_loading"
    GLASS_BROKEN = "release.glass_broken"
    POLICY_PROPOSED = "policy.proposed"
    POLICY_CHANGED = "policy.changed"
    POLICY_REJECTED = "policy.rejected"
    STANDING_PROPOSED = "standing_approval.proposed"
    STANDING_HOLDS = "standing_approval.holds"
    STANDING_ENDED = "standing_approval.ended"
    QUARANTINED = "table.quarantined"
    INCIDENT_OPENED = "incident.opened"
    INCIDENT_CLOSED = "incident.closed"
    DEGRADED = "intent.degraded"
    LOG_IN_CHANGED = "person.log_in_changed"
    TEST = "webhook.test"


class Audience(Enum):
    APPROVERS = "those who may approve it, without its author"
    AUTHOR = "whose it is"
    EVERYBODY = "the tenant's members and the platform's admins"
    NOBODY = "nobody"


@dataclass(frozen=True)
class Kind:
    """`words`: what happened, behind what it happened to. `to`: who gets an e-mail. `is_urgent`: also at night.

    `always`: also who wants no e-mail.
    """

    event: Event
    words: str
    to: Audience
    is_urgent: bool = False
    always: bool = False


KINDS = {
    kind.event: kind
    for kind in (
        Kind(Event.SUBMITTED, "waits for review", Audience.APPROVERS),
        Kind(Event.APPROVED, "is approved", Audience.AUTHOR),
        Kind(Event.REJECTED, "is rejected", Audience.AUTHOR),
        Kind(Event.PUBLISHED, "is published", Audience.AUTHOR),
        Kind(Event.EXPIRED, "expired: nobody decided in time", Audience.AUTHOR),
        Kind(Event.EVIDENCE_READY, "has new evidence", Audience.AUTHOR),
        Kind(Event.FIT_FAILED, "failed", Audience.AUTHOR),
        Kind(Event.ROLLED_BACK, "is rolled back", Audience.AUTHOR),
        Kind(Event.TAKEN_BACK, "was taken back by itself", Audience.EVERYBODY, True),
        Kind(Event.NOT_LOADING, "does not load: action required", Audience.EVERYBODY, True),
        Kind(Event.GLASS_BROKEN, "was published without review: emergency publish", Audience.EVERYBODY, True),
        Kind(Event.POLICY_PROPOSED, "waits for a second person", Audience.APPROVERS),
        Kind(Event.POLICY_CHANGED, "holds from now on", Audience.EVERYBODY),
        Kind(Event.POLICY_REJECTED, "is rejected", Audience.AUTHOR),
        Kind(Event.STANDING_PROPOSED, "waits for a second person", Audience.APPROVERS),
        Kind(
            Event.STANDING_HOLDS, "is approved: refreshes within its bounds go live by themselves", Audience.EVERYBODY
        ),
        Kind(Event.STANDING_ENDED, "has ended: refreshes wait for approval again", Audience.EVERYBODY),
        Kind(Event.QUARANTINED, "cannot be written: its records wait in quarantine", Audience.EVERYBODY, True),
        Kind(Event.INCIDENT_OPENED, "is open", Audience.EVERYBODY),
        Kind(Event.INCIDENT_CLOSED, "is closed", Audience.NOBODY),
        Kind(Event.DEGRADED, "is degraded: its live predictor fails", Audience.EVERYBODY, True),
        Kind(Event.LOG_IN_CHANGED, "was changed", Audience.AUTHOR, is_urgent=True, always=True),
        Kind(Event.TEST, "is a test", Audience.NOBODY, True),
    )
}
# What a webhook can ask for; a test is sent to any.
SUBSCRIBABLE = tuple(str(event) for event in KINDS if event is not Event.TEST)
