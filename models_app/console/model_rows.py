"""The models of a predictor in a form: a row for each, with its weight and β."""

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

LEAST, MOST = 3, 50
PARTS = ("model", "weight", "beta")
_ROW = re.compile(r"-(\d{1,4})-(?:model|weight|beta)$")


class ModelRows(forms.Widget):
    """Rows `members-0-model`, `members-0-weight`, `members-0-beta`, …; there are always some that are empty."""

    use_fieldset = True

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> list[dict[str, str]]:
        places = sorted({int(found[1]) for key in data if key.startswith(name) and (found := _ROW.search(key))})
        rows = [{part: str(data.get(f"{name}-{place}-{part}", "")).strip() for part in PARTS} for place in places]
        return [row for row in rows if any(row.values())]

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        rows = list(value or [])
        rows += [{}] * max(1, LEAST - len(rows))
        return render_to_string("console/model_rows.html", {"name": name, "rows": rows})

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return not self.value_from_datadict(data, files, name)


class ModelRowsField(forms.Field):
    """A list of {"model", "weight", "beta"} as services take them; a row without a model is refused by its number."""

    widget = ModelRows

    def clean(self, value: list[dict[str, str]]) -> list[dict[str, Any]]:
        if not value:
            raise forms.ValidationError("Choose at least one model.")
        if len(value) > MOST:
            raise forms.ValidationError(f"Expected at most {MOST} models, found {len(value)}.")
        return [self._member(place, row) for place, row in enumerate(value, start=1)]

    def _member(self, place: int, row: dict[str, str]) -> dict[str, Any]:
        if not row["model"]:
            raise forms.ValidationError(f"Model {place}: choose a model, or empty the row.")
        given = {name: self._number(place, name, row[name]) for name in ("weight", "beta")}
        return {"model": row["model"], **{name: value for name, value in given.items() if value is not None}}

    def _number(self, place: int, name: str, text: str) -> float | None:
        try:
            return float(text) if text else None
        except ValueError:
            words = {"weight": "weight", "beta": "β"}[name]
            raise forms.ValidationError(f"Model {place}: expected a number as its {words}, found {text!r}.") from None
