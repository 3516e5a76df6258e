"""/api/v1/tenants/{tenant}/changes: proposing what is served, reviewing and publishing it."""

from typing import Any

import msgspec
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from models_app.api.releases import ChangeBody as DocumentChange
from models_app.api.releases import RoutesField
from models_app.api.verdicts import VerdictField
from models_app.changes import drafting, importing, reviewing, selectors
from models_app.changes.approvers import lapsed
from models_app.changes.evidence import order
from models_app.changes.evidence.models import Evidence
from models_app.changes.filters import AllChangeFilters, ChangeFilters
from models_app.changes.models import ChangeRequest, Review
from models_app.releases.diff import diff
from scoring import releases
from scoring.engine import document as documents
from tenants.api.base import Input, PersonView, TenantView
from tenants.api.times import Moment
from tenants.refusals import NotFound
from tenants.roles import Permission

FIGURES = OpenApiParameter("figures", bool, description="With the figures, as Plotly JSON by name.")


class Text(serializers.CharField):
    """Some words, or none."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_blank=True, max_length=10_000, **options)


class CreateChange(Input):
    title = serializers.CharField(max_length=200)
    reason = serializers.CharField(max_length=10_000)
    gate_reason = Text(default="")
    routes = RoutesField(required=False, help_text="Routes by intent, for the intents that change; none end an intent.")
    republishes = serializers.IntegerField(
        required=False, min_value=1, max_value=2**31 - 1, help_text="An earlier release to serve again, instead."
    )


class ImportChange(Input):
    title = serializers.CharField(max_length=200)
    reason = serializers.CharField(max_length=10_000)
    document = serializers.CharField(trim_whitespace=False, help_text="A release document as YAML, as exported.")


class EditChange(Input):
    title = serializers.CharField(required=False, max_length=200)
    reason = serializers.CharField(required=False, max_length=10_000)
    gate_reason = Text(required=False)
    routes = RoutesField(required=False)


class Submit(Input):
    gate_reason = Text(required=False)


class Withdraw(Input):
    reason = Text(default="")


class Approve(Input):
    document_digest = serializers.CharField(max_length=64, help_text="`digest` of the change request that you saw.")
    evidence_digest = serializers.CharField(max_length=64, help_text="`digest` of the evidence that you saw.")
    text = Text(default="", help_text="Needed where the verdict is neither “pass” nor “repairs”: why to approve it.")
    risk_answer = Text(default="", help_text="Needed where risk rose: why to approve it all the same.")


class Say(Input):
    text = serializers.CharField(max_length=10_000)


class Nothing(Input):
    """An act that needs no more than to be asked for."""


class AskEvidence(Input):
    as_of = Moment(required=False, help_text="End of the events' time. Default: now.")
    days = serializers.FloatField(required=False, help_text="Length of that time. Default: what the policy says.")


class ReviewBody(serializers.ModelSerializer[Review]):
    person = serializers.EmailField(source="person.email")
    lapsed_because = serializers.SerializerMethodField(
        help_text="Why an approval that nothing has voided counts no more: who gave it may no longer approve."
    )

    class Meta:
        model = Review
        fields = [
            "person", "decision", "text", "risk_answer", "document_digest", "evidence_digest", "at", "voided_at",
            "voided_because", "lapsed_because",
        ]  # fmt: skip

    def get_lapsed_because(self, review: Review) -> str:
        return str(self.context["lapsed"].get(review.pk, ""))


class ChangeSummary(serializers.ModelSerializer[ChangeRequest]):
    tenant = serializers.CharField(source="tenant.slug")
    author = serializers.EmailField(source="author.email", default=None, allow_null=True)
    based_on = serializers.IntegerField(source="based_on.number", default=None, allow_null=True)
    republishes = serializers.IntegerField(source="republishes.number", default=None, allow_null=True)
    release = serializers.IntegerField(source="release.number", default=None, allow_null=True)
    verdict = serializers.CharField(allow_null=True, help_text="Of the latest evidence; empty until it is there.")
    risk_rose = serializers.BooleanField(
        allow_null=True, help_text="By the latest evidence: who approves it then needs a `risk_answer`."
    )
    evidence_state = serializers.CharField(allow_null=True)

    class Meta:
        model = ChangeRequest
        fields = [
            "tenant", "number", "state", "title", "reason", "gate_reason", "author", "digest", "revision", "based_on",
            "republishes", "verdict", "risk_rose", "evidence_state", "created_at", "updated_at", "submitted_at",
            "decided_at", "expires_at", "release", "failure",
        ]  # fmt: skip


class ChangeDetailBody(ChangeSummary):
    routes = RoutesField()
    changes = serializers.SerializerMethodField()
    reviews = serializers.SerializerMethodField()

    class Meta(ChangeSummary.Meta):
        fields = [*ChangeSummary.Meta.fields, "routes", "changes", "reviews"]

    @extend_schema_field(DocumentChange(many=True))
    def get_changes(self, change: ChangeRequest) -> object:
        before = documents.decode(change.based_on.document) if change.based_on else None
        return diff(before, documents.decode(change.document))

    @extend_schema_field(ReviewBody(many=True))
    def get_reviews(self, change: ChangeRequest) -> object:
        rows = list(selectors.reviews(change))
        gone = lapsed(change, rows, selectors.policy_of(change.tenant))
        return ReviewBody(rows, many=True, context={"lapsed": gone}).data


class EvidenceBody(serializers.ModelSerializer[Evidence]):
    verdict_details = VerdictField(read_only=True, help_text="The verdict as a value; its sentence is made of it.")
    result = serializers.SerializerMethodField()

    class Meta:
        model = Evidence
        fields = [
            "id", "state", "progress", "log", "error", "start", "end", "labels_as_of", "document_digest", "live_digest",
            "digest", "verdict", "risk_rose", "verdict_details", "sentence", "result", "created_at", "started_at",
            "finished_at",
        ]  # fmt: skip

    @extend_schema_field({"type": ["object", "null"], "additionalProperties": {}})
    def get_result(self, evidence: Evidence) -> object:
        return msgspec.json.decode(evidence.result) if evidence.result else None


class EvidenceWithFigures(EvidenceBody):
    figures = serializers.JSONField(required=False, help_text="Where they are asked for.")

    class Meta(EvidenceBody.Meta):
        fields = [*EvidenceBody.Meta.fields, "figures"]


class AllChanges(PersonView):
    """The change requests of all tenants that you may see, newest first."""

    permissions = {"GET": None}
    filters = AllChangeFilters

    @extend_schema(responses=ChangeSummary(many=True))
    def get(self, request: Request) -> Response:
        return self.page(selectors.changes().defer("document", "routes"), ChangeSummary)


class Changes(TenantView):
    """The tenant's change requests, newest first."""

    permissions = {"GET": Permission.VIEW, "POST": Permission.PROPOSE}
    filters = ChangeFilters

    @extend_schema(responses=ChangeSummary(many=True))
    def get(self, request: Request, tenant: str) -> Response:
        return self.page(selectors.changes(self.tenant).defer("document", "routes"), ChangeSummary)

    @extend_schema(request=CreateChange, responses={201: ChangeDetailBody})
    def post(self, request: Request, tenant: str) -> Response:
        """Propose routes, or an earlier release again. Evidence is computed at once; then submit it."""
        body = self.body(CreateChange)
        number = body.pop("republishes", None)
        earlier = number and get_object_or_404(releases.releases(self.tenant), number=number)
        change = drafting.create_change(actor=self.person, tenant=self.tenant, republishes=earlier or None, **body)
        return Response(ChangeDetailBody(selectors.changes(self.tenant).get(pk=change.pk)).data, status=201)


class ChangeImport(TenantView):
    permissions = {"POST": Permission.PROPOSE}

    @extend_schema(request=ImportChange, responses={201: ChangeDetailBody})
    def post(self, request: Request, tenant: str) -> Response:
        """Propose exactly what a release document says, as a release's `export` has it."""
        change = importing.import_change(actor=self.person, tenant=self.tenant, **self.body(ImportChange))
        return Response(ChangeDetailBody(selectors.changes(self.tenant).get(pk=change.pk)).data, status=201)


class ChangeView(TenantView):
    """A view of one change request."""

    def change(self) -> ChangeRequest:
        return get_object_or_404(selectors.changes(self.tenant), number=self.kwargs["change"])

    def answer(self, status: int = 200) -> Response:
        return Response(ChangeDetailBody(self.change()).data, status=status)


class ChangeDetail(ChangeView):
    """One change request: what it changes, and what was said of it."""

    permissions = {"GET": Permission.VIEW, "PATCH": Permission.PROPOSE}

    @extend_schema(responses=ChangeDetailBody)
    def get(self, request: Request, tenant: str, change: int) -> Response:
        return self.answer()

    @extend_schema(request=EditChange, responses=ChangeDetailBody)
    def patch(self, request: Request, tenant: str, change: int) -> Response:
        """Edit it. It is a draft again, and approvals no longer count."""
        drafting.edit_change(actor=self.person, change=self.change(), **self.body(EditChange))
        return self.answer()


class ChangeSubmission(ChangeView):
    permissions = {"POST": Permission.PROPOSE}

    @extend_schema(request=Submit, responses=ChangeDetailBody)
    def post(self, request: Request, tenant: str, change: int) -> Response:
        """Ask for review. A verdict other than “pass” needs `gate_reason`."""
        reviewing.submit(actor=self.person, change=self.change(), **self.body(Submit))
        return self.answer()


class ChangeRefreshing(ChangeView):
    permissions = {"POST": Permission.PROPOSE}

    @extend_schema(request=Nothing, responses=ChangeDetailBody)
    def post(self, request: Request, tenant: str, change: int) -> Response:
        """Compile it again over what is live now; a draft again."""
        self.body(Nothing)
        drafting.refresh_change(actor=self.person, change=self.change())
        return self.answer()


class ChangeWithdrawal(ChangeView):
    permissions = {"POST": Permission.PROPOSE}

    @extend_schema(request=Withdraw, responses=ChangeDetailBody)
    def post(self, request: Request, tenant: str, change: int) -> Response:
        """Take it back, for good."""
        reviewing.withdraw(actor=self.person, change=self.change(), **self.body(Withdraw))
        return self.answer()


class ChangeApproval(ChangeView):
    permissions = {"POST": Permission.APPROVE}

    @extend_schema(request=Approve, responses=ChangeDetailBody)
    def post(self, request: Request, tenant: str, change: int) -> Response:
        """Approve what you saw, by its digests; 409 where it is another by now. Never one's own.

        A verdict other than “pass” and “repairs” needs a `text` that says why, risk that rose a `risk_answer`.
        """
        reviewing.approve(actor=self.person, change=self.change(), **self.body(Approve))
        return self.answer()


class ChangeRejection(ChangeView):
    permissions = {"POST": Permission.APPROVE}

    @extend_schema(request=Say, responses=ChangeDetailBody)
    def post(self, request: Request, tenant: str, change: int) -> Response:
        """Say no, and why."""
        reviewing.reject(actor=self.person, change=self.change(), **self.body(Say))
        return self.answer()


class ChangeComments(ChangeView):
    permissions = {"POST": Permission.VIEW}

    @extend_schema(request=Say, responses={201: ChangeDetailBody})
    def post(self, request: Request, tenant: str, change: int) -> Response:
        """Say something, in any state."""
        reviewing.comment(actor=self.person, change=self.change(), **self.body(Say))
        return self.answer(201)


class ChangePublication(ChangeView):
    permissions = {"POST": Permission.APPROVE}

    @extend_schema(request=Nothing, responses=ChangeDetailBody)
    def post(self, request: Request, tenant: str, change: int) -> Response:
        """Serve an approved change request, where the policy does not do so with the last approval."""
        self.body(Nothing)
        reviewing.publish_change(actor=self.person, change=self.change())
        return self.answer()


class ChangeEvidence(ChangeView):
    """The latest evidence, in whatever state it is."""

    permissions = {"GET": Permission.VIEW, "POST": Permission.PROPOSE}

    @extend_schema(responses=EvidenceWithFigures, parameters=[FIGURES])
    def get(self, request: Request, tenant: str, change: int) -> Response:
        body: Any = EvidenceWithFigures if request.query_params.get("figures") in ("1", "true") else EvidenceBody
        return Response(body(self.latest()).data)

    @extend_schema(request=AskEvidence, responses={201: EvidenceBody})
    def post(self, request: Request, tenant: str, change: int) -> Response:
        """Have it computed again, on the events of [as_of − days, as_of); approvals no longer count."""
        body = self.body(AskEvidence)
        evidence = order.request_evidence(actor=self.person, change=self.change(), **body)
        return Response(EvidenceBody(evidence).data, status=201)

    def latest(self) -> Evidence:
        """Raises NotFound before there is any."""
        evidence = selectors.latest_evidence(self.change())
        if evidence is None:
            raise NotFound("The change request has no evidence yet; POST has it computed.")
        return evidence
