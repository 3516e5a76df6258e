"""Replacements: one act for many tenants."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms

from models_app.catalog import selectors as catalog_selectors
from models_app.console.ui import choices
from models_app.console.ui.actions import ActionForm
from models_app.console.ui.fields import KeyField
from models_app.console.ui.listing import Listing
from models_app.console.ui.page import SharedPage
from models_app.console.ui.panels import Cell, Panel, address, link, number, when
from models_app.console.ui.tables import Column
from models_app.replacements import selectors as replacements_selectors
from models_app.replacements import services
from models_app.replacements.filters import ReplacementFilters
from tenants.roles import Permission

SOURCES = (("either", "Recorded scores where there are any, else a replay"), *choices.WINDOWS)


class ReplaceEverywhere(ActionForm):
    in_dialog = prominent = True
    name, label, title, needs = "propose", "Start replacement", "Replace a predictor", Permission.PROPOSE
    hint = "Each tenant gets its fits, a change request and evidence. What passes is submitted for review."
    success = "Replacement started."
    replaced = KeyField("predictors", label="Replaces", help_text="The predictor that is live now.")
    predictor = KeyField("predictors", help_text="The predictor that takes its place.")
    source = forms.ChoiceField(choices=SOURCES, label="Source")
    days = forms.FloatField(initial=14, min_value=0, help_text="The window up to now, by when events occurred.")
    called = forms.CharField(label="Title", max_length=200, required=False, help_text="If empty, a title is generated.")
    reason = forms.CharField(label="Reason", widget=forms.Textarea(attrs={"rows": 3}), help_text="Reviewers read it.")

    def initial_values(self) -> Mapping[str, Any]:
        return {name: self.page.request.GET.get(name) for name in ("replaced", "predictor")}

    def perform(self) -> str:
        data = self.cleaned_data
        replacement = services.create_replacement(
            actor=self.page.person,
            title=data["called"] or f"{data['predictor']} instead of {data['replaced']}",
            reason=data["reason"],
            replaced=catalog_selectors.predictor_by_key(data["replaced"], "replaced"),
            predictor=catalog_selectors.predictor_by_key(data["predictor"], "predictor"),
            source={"kind": data["source"], "days": data["days"]},
        )
        return address("replacement", proposal=replacement.pk)


class Replacements(SharedPage):
    title, actions = "Replacements", (ReplaceEverywhere,)
    intro = "A replacement puts one predictor in the place of another for all tenants, by a change request in each."

    def panels(self) -> Iterable[Panel]:
        listing = Listing(self.request, replacements_selectors.replacements(), COLUMNS, ReplacementFilters)
        words = "No replacements yet. “Replace a predictor” starts one."
        yield listing.table(empty=words)


def _done(row: Any) -> Cell:
    return Cell(round(100 * row.done / max(1, row.total)), kind="progress")


COLUMNS: Sequence[Column[Any]] = (
    Column("replacement", "Replacement", lambda row: link(row.title, "replacement", proposal=row.pk), sort="title"),
    Column("replaces", "Replaces", lambda row: Cell(f"{row.replaced.key} by {row.predictor.key}")),
    Column("tenants", "Tenants", lambda row: number(row.total), sort="total"),
    Column("done", "Done", _done),
    Column("pass", "Pass", lambda row: number(row.passed), sort="passed"),
    Column("live", "Live", lambda row: number(row.live), sort="live"),
    Column("made", "Created", lambda row: when(row.created_at), sort="created_at"),
    Column("by", "By", lambda row: Cell(row.author or "the platform")),
)
