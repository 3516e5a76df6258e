"""/api/v1/tenants/{tenant}/incidents and …/monitors: what monitors have found, and what they see."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from models_app.incidents import selectors, services, words
from models_app.incidents.filters import IncidentFilters
from models_app.incidents.models import Incident
from models_app.monitoring.reactions import Kind, reactions_to
from models_app.monitors.filters import MonitorFilters
from models_app.monitors.hours import begin_of
from models_app.monitors.models import Monitor
from models_app.monitors.selectors import monitors
from tenants.api.base import Input, PersonView, TenantView
from tenants.roles import Permission

A_YEAR = "How often a year as much comes about while nothing is wrong."


class SignalBody(serializers.Serializer[Any]):
    of = serializers.ChoiceField(["alert rate", "risk", "copies", "beyond", "feature", "context", "volume", "labels"])
    name = serializers.CharField(help_text="Of the threshold, feature or context attribute.")
    sentence = serializers.SerializerMethodField(help_text="The same in words.")
    a_year = serializers.FloatField(help_text=A_YEAR)
    since = serializers.SerializerMethodField(help_text="The hour from which on.")
    ratio = serializers.FloatField(
        help_text="Of an alert rate, or of events beyond the fit, to what is due; of volume to what is usual; else the "
        "share of events."
    )
    transform = serializers.IntegerField(
        allow_null=True, help_text="That answered, of an alert rate and of events beyond its fit."
    )
    how = serializers.CharField(allow_null=True, help_text="What has become of the values, of a feature or attribute.")

    def get_sentence(self, signal: dict[str, Any]) -> str:
        return f"{words.of_signal(signal)}."

    def get_since(self, signal: dict[str, Any]) -> str:
        return begin_of(signal["since"]).isoformat()


class IncidentBody(serializers.ModelSerializer[Incident]):
    tenant = serializers.CharField(source="tenant.slug")
    intent = serializers.CharField(source="intent.name")
    kind = serializers.ChoiceField(Incident.Kind.choices)
    state = serializers.ChoiceField(Incident.State.choices)
    subject = serializers.CharField(help_text="The threshold, feature or attribute that shows it most.")
    since = serializers.DateTimeField(help_text="The hour from which on.")
    seen_at = serializers.DateTimeField(help_text="The end of the latest hour that showed it.")
    a_year = serializers.FloatField(help_text=A_YEAR)
    next_step = serializers.SerializerMethodField(help_text="What to do about it; empty once it is closed.")
    signals = SignalBody(many=True, help_text="What stands out, the most unusual first.")
    acknowledged_by = serializers.EmailField(source="acknowledged_by.email", default=None, allow_null=True)
    closed_by = serializers.EmailField(source="closed_by.email", default=None, allow_null=True)
    stands = serializers.SerializerMethodField(
        help_text="Whether it stands once all intents of the installation are judged together; null once it is over."
    )
    is_usual = serializers.BooleanField(help_text="It is to stay: what came since it began is what is usual.")

    class Meta:
        model = Incident
        fields = [
            "id", "tenant", "intent", "kind", "state", "subject", "since", "opened_at", "seen_at", "closed_at",
            "a_year", "stands", "next_step", "signals", "acknowledged_by", "closed_by", "note", "is_usual",
        ]  # fmt: skip

    def get_stands(self, incident: Incident) -> bool | None:
        return incident.stands if incident.state in Incident.GOING_ON else None

    def get_next_step(self, incident: Incident) -> str:
        return words.next_step(incident)


class ReactionBody(serializers.Serializer[Any]):
    what = serializers.ChoiceField(
        [each.value for each in Kind],
        source="kind",
        help_text="A refresh that it held back; a refresh, a change request or a rollback since it was opened.",
    )
    number = serializers.IntegerField(
        help_text="Id of the refresh, number of the change request, or number of the release that the rollback made."
    )
    at = serializers.DateTimeField(help_text="When it was asked for.")
    state = serializers.CharField(help_text="What has come of it; empty of a rollback.")
    change = serializers.IntegerField(allow_null=True, help_text="Of a refresh: number of its change request.")


class IncidentDetailBody(IncidentBody):
    reactions = serializers.SerializerMethodField(
        help_text="What was done about it, until a day after its end: of refreshes, change requests and rollbacks the "
        "latest 20 each, the latest first."
    )

    class Meta(IncidentBody.Meta):
        fields = [*IncidentBody.Meta.fields, "reactions"]

    @extend_schema_field(ReactionBody(many=True))
    def get_reactions(self, incident: Incident) -> Any:
        return ReactionBody(reactions_to(incident), many=True).data


class DistanceBody(serializers.Serializer[Any]):
    events = serializers.IntegerField(help_text="Of the last day.")
    apart = serializers.FloatField(help_text="Kolmogorov's and Smirnov's distance, over bins of probability.")
    by_chance = serializers.FloatField(help_text="Half of all samples of as many events are at most so far apart.")


class MeasuredBody(serializers.Serializer[Any]):
    transform = serializers.IntegerField(help_text="That answered most of the last day's events.")
    scores = DistanceBody(help_text="How far scores lie from the reference.")
    probabilities = DistanceBody(
        allow_null=True, help_text="How far probabilities lie from those that the transform was fitted on."
    )
    beyond = serializers.IntegerField(
        help_text="Events riskier than all that the transform was fitted on, since it went live."
    )
    due = serializers.FloatField(help_text="How many such events were due.")


class ShareBody(serializers.Serializer[Any]):
    events = serializers.IntegerField(help_text="Whose label counts.")
    positive = serializers.IntegerField()
    low = serializers.FloatField(help_text="The share that is positive lies above this with 95 % confidence, and")
    high = serializers.FloatField(help_text="below this.")


class ForetoldBody(serializers.Serializer[Any]):
    foretold = serializers.FloatField(help_text="The mean probability of events of alike probability.")
    came = ShareBody(help_text="How many of them came to be positive.")


class DelayBody(serializers.Serializer[Any]):
    half = serializers.FloatField(help_text="Days within which half of the labels were reported.")
    most = serializers.FloatField(help_text="Days within which nine in ten were.")


class MaturedBody(serializers.Serializer[Any]):
    events = serializers.IntegerField(help_text="Of four weeks, that were old enough for labels to count.")
    counted = serializers.IntegerField(help_text="Those whose label counts.")
    precision = serializers.DictField(child=ShareBody(), help_text="By threshold, of its alerts.")
    calibration = ForetoldBody(many=True)
    delay = DelayBody(allow_null=True)


class LabelsBody(serializers.Serializer[Any]):
    last = serializers.DateTimeField(help_text="When the latest label was reported.")
    matured = MaturedBody(allow_null=True, help_text="What mature labels say, made anew each day.")


class MonitorBody(serializers.ModelSerializer[Monitor]):
    intent = serializers.CharField(source="intent.name")
    looked_at = serializers.DateTimeField(help_text="The end of the latest hour that was looked at.")
    a_year = serializers.FloatField(allow_null=True, help_text=A_YEAR)
    signals = SignalBody(many=True, help_text="What stands out, the most unusual first.")
    measured = MeasuredBody(allow_null=True, help_text="Null without events in the last day.")
    labels = serializers.SerializerMethodField(help_text="Null without labels.")
    incidents = serializers.IntegerField(help_text="How many go on.")

    class Meta:
        model = Monitor
        fields = ["intent", "looked_at", "a_year", "signals", "measured", "labels", "incidents"]

    @extend_schema_field(LabelsBody(allow_null=True))
    def get_labels(self, monitor: Monitor) -> Any:
        return LabelsBody(monitor.labels).data if monitor.labels.get("last") else None


class Acknowledgement(Input):
    note = serializers.CharField(default="", allow_blank=True, max_length=10_000)


class Closure(Input):
    note = serializers.CharField(max_length=10_000, help_text="What it was.")
    is_usual = serializers.BooleanField(
        default=False, help_text="It is to stay: what came since it began is what is usual from now on."
    )


class AllIncidents(PersonView):
    """The incidents of all tenants that you see, the latest first."""

    permissions = {"GET": None}
    filters = IncidentFilters

    @extend_schema(responses=IncidentBody(many=True))
    def get(self, request: Request) -> Response:
        return self.page(selectors.incidents(), IncidentBody)


class Incidents(TenantView):
    """The tenant's incidents, the latest first."""

    permissions = {"GET": Permission.VIEW}
    filters = IncidentFilters

    @extend_schema(responses=IncidentBody(many=True))
    def get(self, request: Request, tenant: str) -> Response:
        return self.page(selectors.incidents(self.tenant), IncidentBody)


class _OneIncident(TenantView):
    def incident(self) -> Incident:
        return get_object_or_404(selectors.incidents(self.tenant), pk=self.kwargs["incident"])

    def answer(self) -> Response:
        return Response(IncidentDetailBody(self.incident()).data)


class IncidentDetail(_OneIncident):
    """One incident."""

    permissions = {"GET": Permission.VIEW}

    @extend_schema(responses=IncidentDetailBody)
    def get(self, request: Request, tenant: str, incident: int) -> Response:
        return self.answer()


class IncidentAcknowledgement(_OneIncident):
    permissions = {"POST": Permission.PROPOSE}

    @extend_schema(request=Acknowledgement, responses=IncidentDetailBody)
    def post(self, request: Request, tenant: str, incident: int) -> Response:
        """Say that somebody is at it."""
        services.acknowledge(actor=self.person, incident=self.incident(), **self.body(Acknowledgement))
        return self.answer()


class IncidentClosure(_OneIncident):
    permissions = {"POST": Permission.PROPOSE}

    @extend_schema(request=Closure, responses=IncidentDetailBody)
    def post(self, request: Request, tenant: str, incident: int) -> Response:
        """End it, and say what it was. Should it go on, a new one is opened after the next hour."""
        services.close(actor=self.person, incident=self.incident(), **self.body(Closure))
        return self.answer()


class Monitors(TenantView):
    """What monitors saw of the tenant's intents in the latest hour, the most unusual first."""

    permissions = {"GET": Permission.VIEW}
    filters = MonitorFilters

    @extend_schema(responses=MonitorBody(many=True))
    def get(self, request: Request, tenant: str) -> Response:
        return self.page(monitors(self.tenant), MonitorBody)
