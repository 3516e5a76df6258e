"""From a draft to what is served, and each way in which it can end otherwise."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from models_app.changes import drafting, expiry, reviewing, rollback
from models_app.changes.evidence import order
from models_app.changes.evidence.models import Evidence
from models_app.changes.models import ChangeRequest, Review
from models_app.changes.policy import set_policy
from scoring.engine import document as documents
from scoring.models import Release
from scoring.services import publish_document
from tenants.models import AuditEntry
from tenants.refusals import Conflict
from tenants.roles import Role
from tests.documents import as_version_1
from tests.factories import add_evidence, make_person
from tests.models_app.changes.conftest import Case


def submit(case: Case) -> None:
    reviewing.submit(actor=case.author, change=case.change)


def approve(case: Case, by: str = "approver", text: str = "") -> ChangeRequest:
    return reviewing.approve(actor=getattr(case, by), change=case.change, text=text, **case.seen)


def test_create_change__routes__compiles_a_draft_and_asks_for_evidence(case: Case) -> None:
    change = case.now
    assert (change.number, change.state, change.revision, change.based_on) == (1, "draft", 1, case.world.release)
    assert Evidence.objects.filter(change_request=change, state="queued", document_digest=change.digest).exists()
    assert case.live == case.world.release.number


def test_create_change__what_is_live_already__is_a_conflict(case: Case) -> None:
    target = {"predictor": case.world.predictor.key, "transform": case.world.transform.pk}
    routes = {case.world.intent.name: [{"name": "all", "live": target}]}
    with pytest.raises(Conflict, match="serves exactly this already"):
        drafting.create_change(actor=None, tenant=case.world.tenant, title="t", reason="r", routes=routes)


@pytest.mark.parametrize(
    ("field", "sent"), [("title", {"title": " "}), ("reason", {"reason": ""}), ("routes", {"routes": {}})]
)
def test_create_change__bad_field__names_it(case: Case, field: str, sent: dict[str, object]) -> None:
    good = {"title": "t", "reason": "r", "routes": case.change.routes}
    with pytest.raises(ValidationError) as refused:
        drafting.create_change(actor=None, tenant=case.world.tenant, **{**good, **sent})
    assert list(refused.value.message_dict) == [field]


def test_approve__the_last_needed__publishes_the_document_as_it_was_seen(case: Case) -> None:
    submit(case)
    change = approve(case)
    assert change.state == "published"
    assert change.release is not None
    assert (change.release.digest, change.release.published_by) == (case.change.digest, case.approver)
    assert case.live == change.release.number == 2


def test_approve__two_needed__publishes_with_the_second(case: Case) -> None:
    set_policy(actor=None, tenant=case.world.tenant, changes={"approvals_needed": 2})
    submit(case)
    assert approve(case).state == "in review"
    with pytest.raises(Conflict, match="approved this already"):
        approve(case)
    assert approve(case, "second").state == "published"


def test_approve__policy_keeps_publishing_apart__waits_for_it(case: Case) -> None:
    set_policy(actor=None, tenant=case.world.tenant, changes={"publish_when_approved": False})
    submit(case)
    assert approve(case).state == "approved"
    assert case.live == 1
    assert reviewing.publish_change(actor=case.second, change=case.change).state == "published"
    assert case.live == 2


def test_approve__policy_names_admins__refuses_an_approver(case: Case) -> None:
    set_policy(actor=None, tenant=case.world.tenant, changes={"approver_role": "admin"})
    submit(case)
    with pytest.raises(PermissionDenied):
        approve(case)
    admin = make_person(role=Role.ADMIN, tenant=case.world.tenant)
    assert reviewing.approve(actor=admin, change=case.change, **case.seen).state == "published"


def test_approve__own_work__is_refused(case: Case) -> None:
    submit(case)
    with pytest.raises(PermissionDenied, match="a change of their own"):
        approve(case, "author")
    assert case.now.state == "in review"


def test_approve__whose_edit_it_is_now__is_refused(case: Case) -> None:
    drafting.edit_change(actor=case.second, change=case.change, reason="clearer words")
    submit(case)
    for person in ("author", "second"):
        with pytest.raises(PermissionDenied, match="a change of their own"):
            approve(case, person)
    assert approve(case).state == "published"


def test_approve__own_edit_behind_that_of_another__is_refused(case: Case) -> None:
    drafting.edit_change(actor=case.second, change=case.change, reason="clearer words")
    drafting.refresh_change(actor=case.author, change=case.change)
    submit(case)
    with pytest.raises(PermissionDenied, match="a change of their own"):
        approve(case, "second")
    assert approve(case).state == "published"


def test_approve__after_writing_why_it_may_go_live_all_the_same__is_refused(case: Case) -> None:
    add_evidence(case.change, "fail")
    reviewing.submit(actor=case.second, change=case.change, gate_reason="the client asked for it")
    for edited_after in (False, True):
        if edited_after:
            drafting.edit_change(actor=case.author, change=case.change, title="Another title")
            submit(case)
        with pytest.raises(PermissionDenied, match="a change of their own"):
            approve(case, "second", text="fine")
    assert approve(case, text="I have called the client").state == "published"


@pytest.mark.parametrize("field", ["document_digest", "evidence_digest"])
def test_approve__something_else_than_what_is_there__is_a_conflict(case: Case, field: str) -> None:
    submit(case)
    with pytest.raises(Conflict, match="look again"):
        reviewing.approve(actor=case.approver, change=case.change, **{**case.seen, field: "0" * 64})


def test_edit__after_an_approval__voids_it_and_is_a_draft_again(case: Case) -> None:
    set_policy(actor=None, tenant=case.world.tenant, changes={"approvals_needed": 2})
    submit(case)
    approve(case)
    drafting.edit_change(actor=case.author, change=case.change, title="Another title")
    assert (case.now.state, case.now.revision) == ("draft", 2)
    assert Review.objects.get(decision="approve").voided_because == "the change request was edited"
    submit(case)
    assert approve(case, "second").state == "in review"


def test_new_evidence__after_an_approval__voids_it(case: Case) -> None:
    set_policy(actor=None, tenant=case.world.tenant, changes={"publish_when_approved": False})
    submit(case)
    assert approve(case).state == "approved"
    order.request_evidence(actor=case.author, change=case.change)
    assert case.now.state == "in review"
    with pytest.raises(Conflict):
        reviewing.publish_change(actor=case.second, change=case.change)
    with pytest.raises(Conflict, match="no evidence"):
        approve(case, "second")
    add_evidence(case.change)
    assert approve(case).state == "approved"


def test_approval__of_evidence_that_was_replaced_behind_its_back__does_not_count(case: Case) -> None:
    set_policy(actor=None, tenant=case.world.tenant, changes={"publish_when_approved": False})
    submit(case)
    approve(case)
    add_evidence(case.change)
    with pytest.raises(Conflict, match="1 approvals are needed, 0 given"):
        reviewing.publish_change(actor=case.second, change=case.change)


def test_release_in_between__needs_a_refresh_before_anything_else(case: Case) -> None:
    submit(case)
    case.world.publish(y=(0.0, 0.3, 0.4, 0.6, 1.0))
    with pytest.raises(Conflict, match="refresh"):
        approve(case)
    change = drafting.refresh_change(actor=case.author, change=case.change)
    assert (change.state, change.based_on.number) == ("draft", 2)
    add_evidence(change)
    submit(case)
    assert approve(case).release.number == 3


@pytest.mark.parametrize("verdict", ["fail", "not enough events"])
def test_submit__verdict_that_does_not_pass__needs_a_reason(case: Case, verdict: str) -> None:
    add_evidence(case.change, verdict)
    with pytest.raises(ValidationError) as refused:
        submit(case)
    assert list(refused.value.message_dict) == ["gate_reason"]
    reviewing.submit(actor=case.author, change=case.change, gate_reason="the client asked for it")
    assert case.now.state == "in review"


@pytest.mark.parametrize("verdict", ["fail", "not enough events"])
def test_approve__verdict_that_does_not_pass__needs_a_reason_of_the_approver_too(case: Case, verdict: str) -> None:
    add_evidence(case.change, verdict)
    reviewing.submit(actor=case.author, change=case.change, gate_reason="the client asked for it")
    for nothing in ("", "  "):
        with pytest.raises(ValidationError, match=f"the verdict is “{verdict}”") as refused:
            approve(case, text=nothing)
        assert list(refused.value.message_dict) == ["text"]
    assert case.now.state == "in review"
    assert approve(case, text="I have called the client").state == "published"


def test_approve__verdict_that_repairs__needs_no_reason(case: Case) -> None:
    add_evidence(case.change, "repairs")
    submit(case)
    assert approve(case).state == "published"


def test_submit__without_evidence__is_a_conflict(case: Case) -> None:
    Evidence.objects.filter(change_request=case.change).update(live_digest="0" * 64)
    with pytest.raises(Conflict, match="no evidence"):
        submit(case)


def test_reject__with_a_reason__ends_it(case: Case) -> None:
    submit(case)
    with pytest.raises(ValidationError):
        reviewing.reject(actor=case.approver, change=case.change, text="")
    assert reviewing.reject(actor=case.approver, change=case.change, text="too risky").state == "rejected"
    with pytest.raises(Conflict):
        approve(case)


def test_withdraw__by_another__is_refused(case: Case) -> None:
    with pytest.raises(PermissionDenied):
        reviewing.withdraw(actor=case.approver, change=case.change)
    assert reviewing.withdraw(actor=case.author, change=case.change).state == "withdrawn"


def test_expire_changes__overdue__ends_them_and_no_others(case: Case) -> None:
    assert expiry.expire_changes() == 0
    ChangeRequest.objects.filter(pk=case.change.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(Conflict, match="expired"):
        submit(case)
    assert expiry.expire_changes() == 1
    assert case.now.state == "expired"


def publish(case: Case) -> Release:
    submit(case)
    release = approve(case).release
    assert release is not None
    return release


def again(case: Case, number: int, **changes: object) -> Release:
    release = Release.objects.get(tenant=case.world.tenant, number=number)
    sent = {"actor": case.approver, "tenant": case.world.tenant, "release": release, "reason": "too many alerts"}
    return rollback.roll_back(**{**sent, **changes})


def test_roll_back__release_that_was_never_approved__needs_a_change_request(case: Case) -> None:
    publish(case)
    with pytest.raises(Conflict, match="never approved"):
        again(case, 1)


def test_roll_back__approved_and_live_lately__is_served_again_and_the_change_marked(case: Case) -> None:
    publish(case)
    case.world.publish(y=(0.0, 0.3, 0.4, 0.6, 1.0))
    release = again(case, 2)
    assert (release.number, release.digest, release.republishes.number) == (4, case.change.digest, 2)
    with pytest.raises(Conflict, match="live already"):
        again(case, 2)


def test_roll_back__by_the_platform__marks_the_change_with_its_failure(case: Case) -> None:
    publish(case)
    release = again(case, 1, actor=None, failure="the model's file is gone")
    assert release.number == 3
    assert (case.now.state, case.now.failure) == ("rolled back", "the model's file is gone")


def test_roll_back__live_too_long_ago__needs_a_change_request(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(case)
    case.world.publish(y=(0.0, 0.3, 0.4, 0.6, 1.0))
    monkeypatch.setattr("models_app.changes.rollback.WITHIN", timedelta(0))
    with pytest.raises(Conflict, match="propose it as a change request"):
        again(case, 2)


def test_republishing__earlier_release__is_proposed_reviewed_and_served(case: Case) -> None:
    publish(case)
    first = Release.objects.get(tenant=case.world.tenant, number=1)
    change = drafting.create_change(
        actor=case.author, tenant=case.world.tenant, title="Back", reason="it was better", republishes=first
    )
    add_evidence(change)
    reviewing.submit(actor=case.author, change=change)
    case.change = change
    release = approve(case).release
    assert (release.number, release.digest, release.republishes) == (3, first.digest, first)


def test_every_step__is_in_the_audit_trail(case: Case) -> None:
    publish(case)
    rows = AuditEntry.objects.filter(tenant=case.world.tenant).order_by("id")
    acts = list(rows.values_list("act", flat=True))
    assert acts[acts.index("propose") :] == ["propose", "ask for evidence", "submit", "approve", "publish"]


def test_approve__document_as_an_earlier_version_wrote_it__is_published_letter_by_letter(case: Case) -> None:
    text = as_version_1(documents.decode(case.change.document))
    digest = documents.digest(text.encode())
    ChangeRequest.objects.filter(pk=case.change.pk).update(document=text, digest=digest)
    Evidence.objects.filter(change_request=case.change).update(document_digest=digest)
    publish(case)
    release = case.now.release
    assert release is not None
    assert (release.document, release.digest) == (text, digest)


def test_roll_back__to_a_document_as_an_earlier_version_wrote_it__serves_that_text(case: Case) -> None:
    text = as_version_1(documents.decode(case.world.release.document))
    old = publish_document(tenant=case.world.tenant, document=text, actor=None, reason="of long ago")
    assert (old.document, old.digest) == (text, documents.digest(text.encode()))
    case.world.publish(y=(0.0, 0.3, 0.4, 0.6, 1.0))
    release = again(case, old.number, actor=None, failure="the model's file is gone")
    assert (release.document, release.digest) == (text, old.digest)


def test_approve__by_evidence_whose_events_one_has_picked__is_refused_whoever_picks_later(case: Case) -> None:
    submit(case)
    order.request_evidence(actor=case.approver, change=case.change, days=3)
    order.request_evidence(actor=case.second, change=case.change, as_of=timezone.now() - timedelta(days=1))
    add_evidence(case.now)
    for person in ("approver", "second"):
        with pytest.raises(PermissionDenied, match="of their own"):
            approve(case, by=person)
    third = make_person(role=Role.APPROVER, tenant=case.world.tenant)
    reviewing.approve(actor=third, change=case.change, **case.seen)
    assert case.now.state == "published"


def test_approve__by_evidence_that_one_has_asked_for_as_the_policy_says__counts(case: Case) -> None:
    submit(case)
    order.request_evidence(actor=case.approver, change=case.change)
    add_evidence(case.now)
    assert approve(case).state == "published"
