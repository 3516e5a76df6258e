"""/api/v1/proposals: a predictor in place of another, for many tenants in one act; approving all that passes."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from models_app.api.changes import Text
from models_app.api.fits import HALF_LIFE, LogLine
from models_app.api.verdicts import VerdictField
from models_app.catalog.selectors import predictor_by_key
from models_app.replacements import selectors, services
from models_app.replacements.at_once import FALSE_DISCOVERIES, at_once
from models_app.replacements.bulk_approval import Approved, Seen, approve_passing
from models_app.replacements.filters import DetailedLineFilters, ReplacementFilters
from models_app.replacements.models import Replacement, ReplacementLine
from models_app.transforms.models import Fit
from tenants.api.base import Input, PersonView
from tenants.api.filter_backend import parameters
from tenants.problem_documents import status_of
from tenants.roles import Permission

SOURCE = {
    "type": "object",
    "properties": {
        "kind": {
            "enum": ["recorded", "replay", "either"],
            "description": "What the new predictor gave as a shadow, a replay of recorded features, or what there is.",
        },
        "days": {"type": "number", "description": "Length of the window [as_of − days, as_of)."},
        "half_life_days": {"type": ["number", "null"], "description": HALF_LIFE},
        "as_of": {"type": "string", "format": "date-time", "description": "Default: now."},
    },
    "required": ["kind"],
}


@extend_schema_field(SOURCE)
class BulkSourceField(serializers.JSONField):
    pass


class IntentName(Input):
    tenant = serializers.CharField(max_length=63)
    intent = serializers.CharField(max_length=63)


class CreateReplacement(Input):
    title = serializers.CharField(max_length=200)
    reason = serializers.CharField(max_length=10_000)
    replaced = serializers.CharField(max_length=100, help_text="Key of the predictor that answers now.")
    predictor = serializers.CharField(max_length=100, help_text="Key of the one to take its place.")
    intents = IntentName(many=True, required=False, help_text="Default: all that `replaced` answers in.")

    def get_fields(self) -> dict[str, Any]:
        return {**super().get_fields(), "source": BulkSourceField()}  # the name is taken in the class


class CancelReplacement(Input):
    reason = Text(default="")


class SeenLine(Input):
    tenant = serializers.CharField(max_length=63)
    document_digest = serializers.CharField(max_length=64)
    evidence_digest = serializers.CharField(max_length=64)


class ApprovePassing(Input):
    lines = SeenLine(many=True, help_text="What you saw of each line that you approve.")
    text = Text(default="")

    def validate_lines(self, lines: list[dict[str, str]]) -> list[Seen]:
        tenants = [line["tenant"] for line in lines]
        if not 0 < len(lines) <= 1000 or len(set(tenants)) < len(tenants):
            raise serializers.ValidationError(f"expected 1 to 1,000 lines, each tenant once; found {len(lines)}")
        return [Seen(**line) for line in lines]


class ReplacementBody(serializers.ModelSerializer[Replacement]):
    number = serializers.IntegerField(source="pk")
    author = serializers.EmailField(source="author.email", default=None, allow_null=True)
    replaced = serializers.CharField(source="replaced.key")
    predictor = serializers.CharField(source="predictor.key")
    total = serializers.IntegerField(help_text="Tenants, each with a line of its own.")
    done = serializers.IntegerField(help_text="Lines that have ended.")

    class Meta:
        model = Replacement
        fields = ["number", "title", "reason", "author", "replaced", "predictor", "total", "done", "created_at",
                  "cancelled_at"]  # fmt: skip

    def get_fields(self) -> dict[str, Any]:
        return {**super().get_fields(), "source": BulkSourceField()}


class LineFit(serializers.ModelSerializer[Fit]):
    intent = serializers.CharField(source="intent.name")

    class Meta:
        model = Fit
        fields = ["id", "intent", "state", "transform"]


class LineBody(serializers.ModelSerializer[ReplacementLine]):
    """`document_digest`, `evidence_digest`: what an approval of this line is bound to."""

    tenant = serializers.CharField(source="tenant.slug")
    intents = serializers.ListField(child=serializers.CharField())
    verdict = serializers.CharField(source="verdict_now", help_text="Of the latest evidence; empty until it is there.")
    verdict_details = VerdictField(read_only=True, help_text="The verdict as a value; its sentence is made of it.")
    sentence = serializers.CharField(allow_null=True)
    risk_rose = serializers.BooleanField(help_text="Such a line is not approved in bulk.")
    change = serializers.IntegerField(source="change_request.number", default=None, allow_null=True)
    change_state = serializers.CharField(source="change_request.state", default=None, allow_null=True)
    release = serializers.IntegerField(source="change_request.release.number", default=None, allow_null=True)
    document_digest = serializers.CharField(source="change_request.digest", default=None, allow_null=True)
    evidence_digest = serializers.CharField(allow_null=True)
    fits = LineFit(many=True)
    log = LogLine(many=True)

    class Meta:
        model = ReplacementLine
        fields = [
            "tenant", "intents", "state", "progress", "verdict", "verdict_details", "sentence", "risk_rose", "error",
            "change", "change_state", "release", "document_digest", "evidence_digest", "fits", "log",
            "started_at", "finished_at",
        ]  # fmt: skip


class Page(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = LineBody(many=True)


SUMMARY = {"type": "object", "properties": {name: {"type": "integer"} for name in selectors.OUTCOMES}}


@extend_schema_field(SUMMARY)
class SummaryField(serializers.JSONField):
    """How many lines are where."""


class AtOnceBody(serializers.Serializer[Any]):
    """What comes of judging so many tenants at once."""

    judged = serializers.IntegerField(help_text="Lines with a verdict that tells how likely it comes by chance.")
    by_chance = serializers.FloatField(
        help_text="How many of them would pass, were an alert rate of each at its tolerance's edge."
    )
    false_discoveries = serializers.FloatField(
        help_text="Of those approved in bulk, the share that may be expected beyond tolerance (Benjamini-Hochberg)."
    )
    unclear = serializers.ListField(
        child=serializers.CharField(), help_text="Tenants that pass too unclearly for that: not approved in bulk."
    )


class ReplacementDetailBody(ReplacementBody):
    summary = SummaryField()
    at_once = AtOnceBody()
    lines = Page()

    class Meta(ReplacementBody.Meta):
        fields = [*ReplacementBody.Meta.fields, "summary", "at_once", "lines"]


class StatusField(serializers.IntegerField):
    """The status that an answer with this refusal would have; 200 for none."""

    def get_attribute(self, instance: Approved) -> int:
        return status_of(instance.refusal) if instance.refusal else 200


class ApprovedLine(serializers.Serializer[Any]):
    tenant = serializers.CharField()
    status = StatusField(help_text="200, or a problem’s: 409 where it has changed since, 403, 422.")
    state = serializers.CharField(help_text="Of the change request; empty where it was refused.")
    release = serializers.IntegerField(allow_null=True)
    detail = serializers.CharField(help_text="Why it was refused.")


class ApprovedBody(serializers.Serializer[Any]):
    approved = serializers.IntegerField()
    refused = serializers.IntegerField()
    lines = ApprovedLine(many=True)


class Replacements(PersonView):
    """Replacements for many tenants, newest first."""

    shared = True
    permissions = {"GET": Permission.VIEW_SHARED, "POST": Permission.PROPOSE}
    filters = ReplacementFilters

    @extend_schema(responses=ReplacementBody(many=True))
    def get(self, request: Request) -> Response:
        return self.page(selectors.replacements(), ReplacementBody)

    @extend_schema(request=CreateReplacement, responses={201: ReplacementBody})
    def post(self, request: Request) -> Response:
        """Propose a predictor in place of another. Each tenant gets its fits, a change request and evidence."""
        body = self.body(CreateReplacement)
        for field in ("replaced", "predictor"):
            body[field] = predictor_by_key(body[field], field)
        replacement = services.create_replacement(actor=self.person, **body)
        return Response(ReplacementBody(selectors.replacements().get(pk=replacement.pk)).data, status=201)


class ReplacementView(PersonView):
    """A view of one replacement."""

    shared = True
    filters = DetailedLineFilters  # of its lines

    def replacement(self) -> Replacement:
        return get_object_or_404(selectors.replacements(), pk=self.kwargs["proposal"])

    def answer(self) -> Response:
        """The replacement with its summary and one page of its lines."""
        replacement = self.replacement()
        lines = self.page(selectors.lines(replacement), LineBody)
        judged = selectors.judged(replacement)
        summary, found = selectors.summary(judged), at_once(judged)
        told = {**vars(found), "false_discoveries": FALSE_DISCOVERIES, "unclear": sorted(found.unclear)}
        known = {"summary": summary, "at_once": AtOnceBody(told).data}
        return Response({**ReplacementBody(replacement).data, **known, "lines": lines.data})


class ReplacementDetail(ReplacementView):
    """One replacement: how many lines pass, fail, have too few events or broke off, and the lines, by tenant."""

    permissions = {"GET": Permission.VIEW_SHARED}

    @extend_schema(responses=ReplacementDetailBody, parameters=parameters(DetailedLineFilters))
    def get(self, request: Request, proposal: int) -> Response:
        return self.answer()


class ReplacementCancellation(ReplacementView):
    permissions = {"POST": Permission.PROPOSE}

    @extend_schema(request=CancelReplacement, responses=ReplacementDetailBody)
    def post(self, request: Request, proposal: int) -> Response:
        """Stop what has not ended. Change requests that are made already stay."""
        services.cancel_replacement(actor=self.person, replacement=self.replacement(), **self.body(CancelReplacement))
        return self.answer()


class ReplacementApproval(ReplacementView):
    permissions = {"POST": Permission.APPROVE}

    @extend_schema(request=ApprovePassing, responses=ApprovedBody)
    def post(self, request: Request, proposal: int) -> Response:
        """Approve what passes, each line as you saw it. What has changed since is refused, the others go on."""
        body = self.body(ApprovePassing)
        done = approve_passing(actor=self.person, replacement=self.replacement(), seen=body["lines"], text=body["text"])
        approved = sum(each.refusal is None for each in done)
        lines = ApprovedLine(done, many=True).data
        return Response({"approved": approved, "refused": len(done) - approved, "lines": lines})
