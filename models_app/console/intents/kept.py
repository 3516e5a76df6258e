"""Which features the event log keeps, as two fields of a form."""

from collections.abc import Mapping
from typing import Any

from django import forms

from models_app.console.ui.schema_rows import WordsField
from models_app.intents import judgement, services
from tenants.models import Intent

KEPT_HELP = "Feature names, comma-separated."
SOME = "some"
KEEP = (("all", "all"), ("none", "none"), (SOME, "these alone"))


class KeptFields(forms.Form):
    """To stand before the form whose `values` it adds to."""

    keep_features = forms.ChoiceField(choices=KEEP, required=False, initial="all", help_text=judgement.KEEP_HELP)
    kept = WordsField(label="These features are kept", required=False, help_text=KEPT_HELP)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("keep_features") == SOME and data.get("kept") == []:
            self.add_error("kept", "Name at least one, or keep all or none.")
        return data

    def values(self) -> dict[str, Any]:
        data: dict[str, Any] = super().values()  # type: ignore[misc]  # of the form behind it
        keep, kept = data.pop("keep_features"), data.pop("kept")
        return {**data, "keep_features": kept if keep == SOME else keep} if keep else data


def shown(intent: Intent) -> Mapping[str, Any]:
    """What the fields begin with."""
    keeps = services.keeps(intent) or "none"
    return {"keep_features": keeps} if isinstance(keeps, str) else {"keep_features": SOME, "kept": keeps}
