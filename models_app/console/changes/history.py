"""What happened to a change request, and what was said of it: one line of time."""

from collections.abc import Iterable, Iterator

from models_app.changes import selectors
from models_app.changes.evidence.models import Evidence
from models_app.changes.models import ChangeRequest, Review
from models_app.console.ui.panels import Cell, Moment, Timeline, badge
from scoring.models import Release
from tenants.audit_terms import AuditAction
from tenants.models import AuditEntry
from tenants.selectors import audit_of

_ACTS: dict[str, str] = {
    AuditAction.PROPOSE: "proposed it",
    AuditAction.EDIT: "edited it",
    AuditAction.SUBMIT: "submitted it for review",
    AuditAction.WITHDRAW: "withdrew it",
    AuditAction.EXPIRE: "let it expire",
}


def timeline(change: ChangeRequest, reviews: Iterable[Review]) -> Timeline:
    """Newest first."""
    moments = [
        *_acts(audit_of(change)),
        *_evidence(selectors.all_evidence(change)),
        *_reviews(reviews),
        *_releases(change),
    ]
    newest_first = sorted((each for each in moments if each.at), key=lambda each: str(each.at), reverse=True)
    return Timeline(newest_first, "Discussion and history")


def _acts(entries: Iterable[AuditEntry]) -> Iterator[Moment]:
    for entry in entries:
        if entry.act in _ACTS:
            revision = f"revision {entry.details['revision']}" if entry.act == AuditAction.EDIT else ""
            yield Moment(entry.at, Cell(f"{_who(entry.person)} {_ACTS[entry.act]}"), entry.reason or revision)


def _evidence(rows: Iterable[Evidence]) -> Iterator[Moment]:
    for row in rows:
        if row.state == Evidence.State.SUCCEEDED:
            anew = " anew, because labels had come" if row.labels_as_of else ""
            yield Moment(row.finished_at, Cell(f"Evidence was computed{anew}"), row.sentence, [badge(row.verdict)])
        elif row.state == Evidence.State.FAILED:
            yield Moment(row.finished_at, Cell("Evidence failed"), row.error, [badge("failed")])
        elif row.state == Evidence.State.CANCELLED:
            yield Moment(row.finished_at, Cell("Evidence was cancelled because newer evidence was requested"))
        else:
            because = "Labels have come since the evidence before." if row.labels_as_of else ""
            yield Moment(
                row.created_at, Cell(f"{_who(row.created_by)} requested evidence"), because, [badge(row.state)]
            )


def _reviews(reviews: Iterable[Review]) -> Iterator[Moment]:
    verbs = {"approve": "approved it", "reject": "rejected it", "comment": "commented"}
    states = {"approve": "approved", "reject": "rejected"}
    for row in reviews:
        badges = [badge(states[row.decision])] if row.decision in states else []
        voided = [f"Voided: {row.voided_because}."] if row.voided_at else []
        answer = [f"Answer to the risk that rose: {row.risk_answer}"] if row.risk_answer else []
        heading = Cell(f"{_who(row.person)} {verbs[row.decision]}")
        yield Moment(row.at, heading, row.text, badges, [*answer, *voided])
    voided_at = {row.voided_at: row.voided_because for row in reviews if row.voided_at}
    for at, because in voided_at.items():
        yield Moment(at, Cell("Approvals were voided"), f"Reason: {because}.")


def _releases(change: ChangeRequest) -> Iterator[Moment]:
    release = change.release
    if release is None:
        return
    yield Moment(release.published_at, Cell(f"Published as release {release.number}"), "", [badge("published")])
    after: Release | None = selectors.release_after(release)
    if after is not None and change.state == ChangeRequest.State.ROLLED_BACK:
        heading = Cell(f"{_who(after.published_by)} rolled it back, by release {after.number}")
        yield Moment(after.published_at, heading, change.failure or after.reason, [badge("rolled back")])
    elif after is not None:
        yield Moment(after.published_at, Cell(f"Release {after.number} replaced it"))


def _who(person: object) -> str:
    return str(person or "The platform")
