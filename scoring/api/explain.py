"""GET /api/v1/events/{event_id}: a score explained, in the console service, for clients' keys of the scope `read`."""

from typing import Any

from django.core.validators import ProhibitNullCharactersValidator
from django.http import Http404
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from scoring.lake.explain import UnknownRelease, explain_event
from scoring.lake.reading import SeveralEvents
from tenants.api.authentication import ApiKeyAuthentication
from tenants.api.base import Input, TenantView
from tenants.api.bodies import BodyView
from tenants.api.permissions import KeyMay
from tenants.api.times import Day
from tenants.models import ApiKey
from tenants.refusals import Conflict
from tenants.roles import Permission


class EventId(serializers.CharField):
    """An event's id to the letter, whatever it holds."""

    def __init__(self, **words: Any) -> None:
        super().__init__(trim_whitespace=False, **words)
        self.validators = [each for each in self.validators if not isinstance(each, ProhibitNullCharactersValidator)]


class Where(Input):
    """An id that no path can carry, and hints that make the search quick where the id is no UUIDv7."""

    event_id = EventId(
        required=False, max_length=128, help_text="In place of the path's: for ids as `.`, `..`, or with line breaks."
    )
    intent = serializers.SlugField(required=False, max_length=63, help_text="Look in this intent only.")
    day = Day(required=False, help_text="The day (UTC) of `occurred_at`: looked at first.")


class ExplainedModel(serializers.Serializer[dict[str, Any]]):
    model = serializers.CharField()
    digest = serializers.CharField()
    output = serializers.FloatField(help_text="Of the model itself.")
    beta = serializers.FloatField()
    corrected = serializers.FloatField(help_text="After the posterior correction by β.")
    weight = serializers.FloatField(help_text="In the aggregation.")


class SegmentBody(serializers.Serializer[dict[str, Any]]):
    x = serializers.ListField(child=serializers.FloatField())
    y = serializers.ListField(child=serializers.FloatField())


class ExplainedTransform(serializers.Serializer[dict[str, Any]]):
    id = serializers.IntegerField()
    kind = serializers.CharField()
    reference = serializers.CharField()
    segment = SegmentBody(help_text="The knots around the probability.")


class ShadowBody(serializers.Serializer[dict[str, Any]]):
    predictor = serializers.CharField()
    transform = serializers.IntegerField()
    models = ExplainedModel(many=True)
    probability = serializers.FloatField(allow_null=True)
    score = serializers.FloatField(allow_null=True)
    error = serializers.CharField(allow_null=True, help_text="Why the shadow has no score.")


class FromFeaturesBody(serializers.Serializer[dict[str, Any]]):
    equal = serializers.BooleanField(allow_null=True, help_text="null: the models could not be run again.")
    outputs = serializers.ListField(child=serializers.FloatField(), required=False)
    probability = serializers.FloatField(required=False)
    score = serializers.FloatField(required=False)
    reason = serializers.CharField(required=False, help_text="Why they could not.")


class DegradedBody(serializers.Serializer[dict[str, Any]]):
    reason = serializers.CharField(help_text="error, no_probability or too_slow.")
    by = serializers.CharField(help_text="What answered: previous_predictor or fixed_score.")


class RecomputedBody(serializers.Serializer[dict[str, Any]]):
    probability = serializers.FloatField(allow_null=True)
    score = serializers.FloatField(allow_null=True)
    equal = serializers.BooleanField(help_text="Bit for bit, from the recorded outputs of the models.")
    from_features = FromFeaturesBody()


class OtherAnswer(serializers.Serializer[dict[str, Any]]):
    occurred_at = serializers.DateTimeField()
    scored_at = serializers.DateTimeField()
    release = serializers.IntegerField()
    route = serializers.CharField()
    predictor = serializers.CharField()
    transform = serializers.IntegerField()
    probability = serializers.FloatField(allow_null=True)
    score = serializers.FloatField()


# Not a class: two of its fields have names that serializers use themselves.
ExplanationBody = inline_serializer(
    "Explanation",
    {
        "event_id": serializers.CharField(),
        "intent": serializers.CharField(),
        "occurred_at": serializers.DateTimeField(),
        "scored_at": serializers.DateTimeField(),
        "release": serializers.IntegerField(),
        "route": serializers.CharField(),
        "key": serializers.IntegerField(help_text="The id of the key that it was scored with."),
        "features": serializers.DictField(help_text="Those that the intent keeps; what was null is left out."),
        "context": serializers.DictField(),
        "predictor": serializers.CharField(),
        "aggregation": serializers.CharField(),
        "models": ExplainedModel(many=True),
        "probability": serializers.FloatField(allow_null=True, help_text="null: a fixed score answered."),
        "transform": ExplainedTransform(),
        "score": serializers.FloatField(),
        "recomputed": RecomputedBody(),
        "degraded": DegradedBody(
            allow_null=True, help_text="Where the live predictor did not answer: why, and what did."
        ),
        "shadows": ShadowBody(many=True),
        "label": serializers.IntegerField(allow_null=True, help_text="The latest that was reported."),
        "others": OtherAnswer(
            many=True, help_text="What the same id was answered with before, newest first; the latest is explained."
        ),
    },
)


def explanation(request: Request, tenant_id: int, event_id: str) -> Response:
    """The answer for one tenant, whoever asks.

    Raises Http404 where it has no such event, or its release is gone, and Conflict where several intents have one.
    """
    where = Where(data=request.query_params.dict())
    where.is_valid(raise_exception=True)
    try:
        found = explain_event(tenant_id, **{"event_id": event_id, **where.validated_data})
    except SeveralEvents as error:
        fault = {"field": "intent", "expected": f"one of {', '.join(error.intents)}"}
        raise Conflict(f"Several intents have an event of this id: {error}.", faults=[fault]) from error
    except UnknownRelease as error:
        raise Http404(f"It cannot be explained: {error}.") from error
    if found is None:
        raise Http404("There is no such event. One that was scored just now is found after the next flush.")
    return Response(found)


class ExplainEvent(BodyView):
    """Explain a score of the key's tenant."""

    authentication_classes = [ApiKeyAuthentication]
    permission_classes = [IsAuthenticated, KeyMay]
    key_scope = "read"

    @extend_schema(parameters=[Where], responses=ExplanationBody)
    def get(self, request: Request, event_id: str) -> Response:
        assert isinstance(request.auth, ApiKey)
        return explanation(request, request.auth.tenant_id, event_id)


class ExplainTenantEvent(TenantView):
    """Explain a score of a tenant to a person."""

    permissions = {"GET": Permission.VIEW}

    @extend_schema(operation_id="tenants_events_explain", parameters=[Where], responses=ExplanationBody)
    def get(self, request: Request, tenant: str, event_id: str) -> Response:
        return explanation(request, self.tenant.pk, event_id)
