"""A verdict as a value, as evidence and lines of proposals answer it beside its state and its sentence."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from models_app.changes.evidence.models import Evidence
from models_app.statistics.evidence.gates import Reason

Body = serializers.Serializer[Any]


REASONS = [(str(each), str(each)) for each in Reason]


class AlertRateBody(Body):
    """`alerts` of `n` events score `threshold` or more: `rate`, with its 95 % interval, which allows for entities."""

    threshold = serializers.FloatField()
    alerts = serializers.IntegerField()
    n = serializers.IntegerField()
    rate = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()


class HeldOutBody(Body):
    """On days that the proposed transforms' fits had not seen: `alerts` of `n` events, and the `rate`.

    From `low` to `high` the target lies in 95 of 100 cases where only chance and what differs between days moves it.
    """

    score = serializers.FloatField()
    target = serializers.FloatField()
    alerts = serializers.IntegerField()
    n = serializers.IntegerField()
    rate = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()


class PairedChangeBody(Body):
    """The same events before and after: `relative` is after / before − 1, with its 95 % interval."""

    both = serializers.IntegerField()
    only_before = serializers.IntegerField()
    only_after = serializers.IntegerField()
    relative = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True, help_text="Null also where it has no bound.")


class MarginBody(Body):
    """How far one rate lies from another, as a share of that one, with its 95 % interval."""

    relative = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True, help_text="Null also where it has no bound.")


class EstimateBody(Body):
    """A number with its 95 % interval."""

    value = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField(allow_null=True, help_text="Null where it has no bound.")


class GateBody(Body):
    state = serializers.ChoiceField(Evidence.Verdict.choices)
    reason = serializers.ChoiceField(REASONS)
    tolerance = serializers.FloatField(help_text="As a share of the alert rate.")
    sentence = serializers.CharField()
    target = MarginBody(allow_null=True, help_text="The proposed alert rate against the target.")
    live = MarginBody(allow_null=True, help_text="The proposed alert rate against what is live.")
    live_target = MarginBody(allow_null=True, help_text="What is live against the target.")
    held_out = MarginBody(
        allow_null=True, help_text="The proposed fit, on days that it had not seen, against the target."
    )
    recall = EstimateBody(
        allow_null=True, help_text="Change of the share of labelled fraud caught; null where it is not asked."
    )


class MovingSegmentBody(Body):
    """Events with one value of a context attribute, in which alerts move beside the whole intent."""

    attribute = serializers.CharField()
    value = serializers.CharField()
    events = serializers.IntegerField()
    before = serializers.IntegerField(help_text="Alerts of them.")
    after = serializers.IntegerField()
    relative = serializers.FloatField(allow_null=True, help_text="after / before − 1; null where none alerts before.")
    beside = serializers.FloatField(
        allow_null=True, help_text="The same beside the change of the intent, shrunk towards it."
    )
    low = serializers.FloatField(
        allow_null=True,
        help_text="95 % interval of `beside`: days and entities count as independent, drift is not in it.",
    )
    high = serializers.FloatField(allow_null=True)
    tolerance = serializers.FloatField(help_text="What `beside` may be, either way.")
    moves = serializers.BooleanField()


class WorstThresholdBody(Body):
    """The threshold whose gate decides; `before` and `change` are null where nothing was live."""

    intent = serializers.CharField()
    name = serializers.CharField()
    score = serializers.FloatField()
    target = serializers.FloatField(help_text="The reference's alert rate at the score.")
    before = AlertRateBody(allow_null=True)
    after = AlertRateBody()
    change = PairedChangeBody(allow_null=True)
    gate = GateBody()
    alerts_a_day_before = serializers.FloatField(allow_null=True)
    alerts_a_day_after = serializers.FloatField()
    events_a_day = serializers.FloatField()
    swapped_a_day = serializers.FloatField(allow_null=True, help_text="Events that change sides.")
    note = serializers.CharField(help_text="What of the window's events is not among them.")
    held_out = HeldOutBody(allow_null=True, help_text="Null where a proposed transform has none.")
    moving = MovingSegmentBody(many=True, help_text="Segments that move beyond the tolerance, the farthest first.")


class RiskRiseBody(Body):
    """Where risk rose: shares of events at or above the probability of a live threshold."""

    intent = serializers.CharField()
    name = serializers.CharField()
    score = serializers.FloatField()
    fitted = serializers.FloatField(help_text="Of what the live transform was fitted on.")
    seen = serializers.FloatField(help_text="Of the events of the window.")
    low = serializers.FloatField(help_text="Lower end of the 95 % interval of `seen` / `fitted` − 1.")
    high = serializers.FloatField(allow_null=True, help_text="Upper end.")
    very_high = serializers.FloatField(
        allow_null=True, help_text="Of the events that are more, the share with a very high probability."
    )


class VerdictBody(Body):
    state = serializers.ChoiceField(Evidence.Verdict.choices)
    reason = serializers.ChoiceField(REASONS)
    sentence = serializers.CharField()
    intents = serializers.ListField(child=serializers.CharField(), help_text="Those that the verdict is about.")
    changed = serializers.IntegerField(help_text="How many intents change.")
    threshold = WorstThresholdBody(allow_null=True, help_text="Null where no alert rate decides.")
    unseen = serializers.DictField(
        child=serializers.CharField(), help_text="By intent of which no event tells anything: why."
    )
    risk_rises = RiskRiseBody(many=True, help_text="Where risk rose, whatever the state; empty where it did not.")
    p_value = serializers.FloatField(
        allow_null=True, help_text="How likely it would pass as clearly, were a rate at its tolerance's edge."
    )
    by_chance = serializers.FloatField(allow_null=True, help_text="How likely it would pass at all, were it there.")


@extend_schema_field(VerdictBody(allow_null=True))
class VerdictField(serializers.JSONField):
    """Null until there is one, and where a former version has kept its sentence alone."""
