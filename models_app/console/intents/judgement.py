"""How an intent's evidence judges, as it is shown and set on the intent's page."""

from collections.abc import Mapping
from typing import Any, Protocol

from django import forms

from models_app.changes.policy_changes.models import PolicyChange
from models_app.changes.policy_changes.subjects import Subject
from models_app.console.intents.kept import KeptFields, shown
from models_app.console.ui.counts import counted
from models_app.console.ui.panels import Cell, Facts
from models_app.console.ui.policy_changes import Governed, PolicyForm
from models_app.console.ui.schema_rows import WordsField
from models_app.intents import judgement, services
from tenants.models import Intent
from tenants.roles import Permission

USUAL, NONE, SOME = "usual", "none", "some"
SEGMENTS_BY = ((USUAL, judgement.USUAL_SEGMENTS), (NONE, "none"), (SOME, "these alone"))
NAMES_HELP = "Names of features, or of context attributes that are numbers, comma-separated."


class OfIntent(Governed, Protocol):
    """A page about one intent."""

    @property
    def intent(self) -> Intent: ...


class SetJudgement(KeptFields, PolicyForm[OfIntent]):
    name, label, title, in_dialog = "judge", "Save", "Edit evidence settings", True
    needs, at_once = Permission.MANAGE_TENANT, "Saved. Evidence is made with these settings from now on."
    hint = (
        "How evidence judges this intent. What is served changes in nothing but, with the next release, what is kept."
    )
    entity = forms.CharField(required=False, max_length=200, help_text=judgement.ENTITY_HELP)
    amount = forms.CharField(required=False, max_length=200, help_text=judgement.AMOUNT_HELP)
    label_maturity_days = forms.IntegerField(
        min_value=0, max_value=3650, label="Labels are mature after, days", help_text=judgement.MATURITY_HELP
    )
    unlabelled_means = forms.ChoiceField(
        choices=Intent.Unlabelled.choices, label="No label then means", help_text=judgement.UNLABELLED_HELP
    )
    segments_by = forms.ChoiceField(
        choices=SEGMENTS_BY, required=False, label="Segments by features", help_text=judgement.SEGMENTS_HELP
    )
    segment_features = WordsField(label="These features", required=False, help_text=NAMES_HELP)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)  # what it was as the page was opened

    def initial_values(self) -> Mapping[str, Any]:
        intent = self.page.intent
        named = intent.segment_features
        return {
            **services.judgement_of(intent),
            **shown(intent),
            "segments_by": USUAL if named is None else SOME if named else NONE,
            "seen": services.fingerprint(intent),
        }

    def values(self) -> dict[str, Any]:
        found = {name: value for name, value in super().values().items() if name not in ("seen", "segments_by")}
        by = self.cleaned_data["segments_by"] or USUAL
        return found if by == SOME else {**found, "segment_features": None if by == USUAL else []}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("segments_by") == SOME and data.get("segment_features") == []:
            self.add_error("segment_features", "Name at least one, or take the usual ones or none.")
        return data

    def perform(self) -> None:
        services.check_seen(self.page.intent, self.cleaned_data["seen"])
        super().perform()

    def subject(self) -> Subject:
        return Subject(self.page.tenant, PolicyChange.Kind.JUDGEMENT, self.page.intent.name)


def facts(intent: Intent) -> Facts:
    """Show how evidence judges this intent, as it is set now."""
    days = intent.label_maturity_days
    rows = [
        ("Entity", Cell(intent.entity or "none: events count as independent")),
        ("Amount", Cell(intent.amount or "none: events are counted, not money")),
        ("Labels are mature", Cell(f"{counted(days, 'day')} after the event" if days else "at once")),
        ("No label then means", Cell(intent.unlabelled_means)),
        ("Segments by features", Cell(_segments(intent))),
        ("Features kept", Cell(judgement.in_words("keep_features", services.keeps(intent)) or "none")),
    ]
    return Facts(rows, "Evidence settings")


def _segments(intent: Intent) -> str:
    """As `the usual ones: amount, kind`."""
    names = ", ".join(each.name for each in judgement.segment_columns(intent)) or "none"
    return f"{judgement.USUAL_SEGMENTS}: {names}" if intent.segment_features is None else names
