"""Rows of a table that are chosen, for an act that is done to all of them at once.

The boxes stand in the table, and belong to the form of the act's dialog: a browser sends them with it, without a
script, and an answer that refuses the act has them as they were.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest

from models_app.console.ui.panels import Cell

ROWS = "rows"


@dataclass(frozen=True)
class Box:
    """`form`: the element's id that the box belongs to; `words`: what it chooses."""

    form: str
    name: str
    value: int
    words: str
    is_checked: bool


class InTable(forms.SelectMultiple):
    """Drawn by the table's boxes, and so not by the form."""

    @property
    def is_hidden(self) -> bool:
        return True

    def render(self, *args: Any, **kwargs: Any) -> Any:
        return ""


class RowsField(forms.TypedMultipleChoiceField):
    """The rows that are chosen, by their numbers; which there are, services say."""

    def __init__(self) -> None:
        super().__init__(coerce=int, widget=InTable, required=False)

    def valid_value(self, value: Any) -> bool:
        return str(value).isdecimal() and len(str(value)) < 19


def box(request: HttpRequest, act: str, number: int, words: str) -> Cell:
    """Checked where it was, as the request was sent."""
    sent: Collection[str] = request.POST.getlist(ROWS) if request.POST.get("act") == act else ()
    return Cell(Box(f"{act}-form", ROWS, number, words, str(number) in sent), kind="chooses")
