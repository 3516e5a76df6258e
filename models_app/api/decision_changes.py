"""/api/v1/tenants/{tenant}/changes/{change}/decision-changes: which events change sides; as a file too."""

from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from models_app.api.changes import ChangeView
from models_app.changes import selectors
from models_app.changes.decision_changes.export import MEDIA_TYPE, export
from models_app.changes.decision_changes.filters import DecisionChangeFilters
from models_app.changes.decision_changes.models import DecisionChange
from models_app.changes.decision_changes.selectors import ORDERS, decision_changes
from models_app.changes.models import ChangeRequest
from tenants.api.base import Input
from tenants.api.filter_backend import Narrowed, parameters
from tenants.ordering import in_order
from tenants.roles import Permission


class Order(Input):
    sort = serializers.ChoiceField(
        [f"{sign}{name}" for name in ORDERS for sign in ("", "-")],
        default="-move",
        help_text="`-move`: the score that moves farthest first. Rows without a value come last.",
    )


class DecisionChangeBody(serializers.ModelSerializer[DecisionChange]):
    side = serializers.ChoiceField(DecisionChange.Side.values)
    score_before = serializers.FloatField(help_text="By what was live when the evidence was computed.")
    score_after = serializers.FloatField(help_text="By what is proposed.")
    amount = serializers.FloatField(allow_null=True, help_text="What the event is worth, where the intent names that.")
    context = serializers.DictField(child=serializers.CharField())  # type: ignore[assignment]
    label = serializers.IntegerField(  # type: ignore[assignment]
        allow_null=True, help_text="As it was known when the evidence was computed."
    )
    evidence_digest = serializers.CharField(help_text="Of the evidence that has found it.")

    class Meta:
        model = DecisionChange
        fields = [
            "intent", "threshold", "side", "event_id", "occurred_at", "score_before", "score_after", "amount",
            "context", "label", "evidence_digest",
        ]  # fmt: skip


class _Decided(ChangeView):
    permissions = {"GET": Permission.VIEW}
    filters = DecisionChangeFilters

    def rows(self, change: ChangeRequest) -> QuerySet[DecisionChange]:
        """Those of the latest evidence, in the order that is asked for."""
        asked = {name: text for name, text in self.request.query_params.dict().items() if name == "sort" and text}
        order = Order(data=asked)
        order.is_valid(raise_exception=True)
        _, sign, name = order.validated_data["sort"].rpartition("-")
        return in_order(decision_changes(selectors.all_evidence(change).first()), f"{sign}{ORDERS[name]}")


class DecisionChanges(_Decided):
    """The events that change sides at a threshold, by the latest evidence.

    Of each threshold those whose score moves farthest; `listed` of the evidence's thresholds says how many.
    """

    @extend_schema(parameters=[Order], responses=DecisionChangeBody(many=True))
    def get(self, request: Request, tenant: str, change: int) -> Response:
        return self.page(self.rows(self.change()), DecisionChangeBody)


class DecisionChangeExport(_Decided):
    """The same as a CSV file, with a column for each context attribute."""

    @extend_schema(
        parameters=[Order, *parameters(DecisionChangeFilters)], responses={(200, MEDIA_TYPE): OpenApiTypes.STR}
    )
    def get(self, request: Request, tenant: str, change: int) -> HttpResponse:
        found = self.change()
        return export(found, Narrowed().filter_queryset(request, self.rows(found), self))
