"""Rows of numbers in a text field, as they are typed or pasted from a sheet."""

import re
from collections.abc import Sequence
from typing import Any

from django import forms

_BETWEEN = re.compile(r"[\s,;|]+")


class LinesField(forms.CharField):
    """A line for each row, its numbers apart by spaces, commas or tabs: a list of lists of float."""

    def __init__(self, columns: Sequence[str], **settings: Any) -> None:
        self.columns = columns
        widget = forms.Textarea(attrs={"rows": 6, "class": "code", "spellcheck": "false"})
        super().__init__(widget=widget, **settings)

    def to_python(self, value: Any) -> Any:
        lines = [line.strip() for line in (super().to_python(value) or "").splitlines()]
        return [self._row(place, line) for place, line in enumerate(lines, start=1) if line]

    def _row(self, place: int, line: str) -> list[float]:
        texts = [text for text in _BETWEEN.split(line.replace("%", " ")) if text]
        expected = f"line {place}: expected {len(self.columns)} numbers ({', '.join(self.columns)})"
        if len(texts) != len(self.columns):
            raise forms.ValidationError(f"{expected}, found {line!r}")
        try:
            return [float(text) for text in texts]
        except ValueError:
            raise forms.ValidationError(f"{expected}, found {line!r}") from None
