"""Tables of rows in a form: each row is a small form of its own, and all of them together are one field."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from models_app.console.fields import KeyField

_PLACE = re.compile(r"^\[(\d+)\]\.?")


class Row(forms.Form):
    """A row; its fields are the columns, in their order. What is left empty is left out of what services get.

    `noun`: what a row is, for errors and for who does not see the table; `known_as`: what services call otherwise.
    """

    noun: ClassVar[str]
    known_as: ClassVar[Mapping[str, str]] = {}
    use_required_attribute = False

    def __init__(self, data: Any = None, *, name: str, place: int, initial: Any = None) -> None:
        super().__init__(data, prefix=f"{name}-{place}", initial=initial)
        for field, part in self.fields.items():
            part.widget.attrs["aria-label"] = f"{part.label or field.capitalize()} of {self.noun} {place + 1}"
            if isinstance(part, KeyField):
                named = self.add_prefix(field)
                part.offer(named, f"id_{named}", None)

    def part(self) -> dict[str, Any]:
        """As services take it."""
        given = self.cleaned_data.items()
        return {
            name: value for name, value in given if value not in ("", []) and value is not None and value is not False
        }

    @classmethod
    def begin(cls, part: Mapping[str, Any]) -> dict[str, Any]:
        """What the fields begin with, of a part that is there."""
        return dict(part)

    @classmethod
    def says(cls, typed: Mapping[str, str]) -> bool:
        """Whether anything was typed: a choice is made in every row."""
        chosen = (name for name, field in cls.base_fields.items() if not isinstance(field, forms.ChoiceField))
        return any(typed[name] for name in chosen)

    @classmethod
    def column(cls, name: str) -> str:
        """The column's heading, by its own name or by what services call it."""
        field = cls.base_fields.get(cls.known_as.get(name, name))
        return str(field.label or name) if field else name


class Typed(list[dict[str, str]]):
    """Rows as they were sent, without those that are empty: to tell them from rows that were there before."""


class Rows(forms.Widget):
    """Fields `features-0-name`, `features-0-type`, `features-1-name`, …; at least `least`, the last one empty."""

    use_fieldset = True

    def __init__(self, row: type[Row], least: int) -> None:
        super().__init__()
        self.row, self.least = row, least
        self.faults: list[tuple[int, str]] = []  # row, column

    def __deepcopy__(self, memo: dict[int, Any]) -> "Rows":
        """A form's own: what is wrong in one is not in another."""
        made = super().__deepcopy__(memo)
        made.faults = []
        return made

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Typed:
        ours = re.compile(rf"{re.escape(name)}-(\d{{1,6}})-(?:{'|'.join(self.row.base_fields)})$")
        places = sorted({int(found[1]) for key in data if (found := ours.match(key))})
        rows = [self._typed(data, f"{name}-{place}") for place in places]
        return Typed(row for row in rows if self.row.says(row))

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return not self.value_from_datadict(data, files, name)

    def forms_of(self, name: str, rows: Sequence[Mapping[str, Any]]) -> list[Row]:
        if not isinstance(rows, Typed):
            return [self.row(name=name, place=place, initial=row) for place, row in enumerate(rows)]
        return [
            self.row({f"{name}-{place}-{part}": text for part, text in row.items() if text}, name=name, place=place)
            for place, row in enumerate(rows)
        ]

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        rows = self.forms_of(name, value)
        for place, column in self.faults:
            if place < len(rows) and column in rows[place].fields:
                rows[place].add_error(column, "is wrong")
        rows += [self.row(name=name, place=place) for place in range(len(rows), max(len(rows) + 1, self.least))]
        context = {"rows": rows, "row": rows[0], "id": (attrs or {}).get("id", name)}
        return render_to_string("console/rows.html", context)

    def _typed(self, data: Mapping[str, Any], prefix: str) -> dict[str, str]:
        return {part: str(data.get(f"{prefix}-{part}", "")).strip() for part in self.row.base_fields}


class RowsField(forms.Field):
    """A list of what the rows say, as services take it. `empty`: what is said where one is needed and none is there."""

    widget: Rows

    def __init__(self, row: type[Row], *, least: int = 1, most: int = 1_000, empty: str = "", **options: Any) -> None:
        super().__init__(widget=Rows(row, least), **options)
        self.row, self.most = row, most
        self.empty = empty or f"Add at least one {row.noun}."

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, Typed) else [self.row.begin(part) for part in value or ()]

    def clean(self, value: Typed) -> list[dict[str, Any]]:
        if self.required and not value:
            raise forms.ValidationError(self.empty)
        if len(value) > self.most:
            raise forms.ValidationError(f"Expected at most {self.most:,} rows, found {len(value):,}.")
        rows = self.widget.forms_of("row", value)
        faults = [fault for place, row in enumerate(rows) for fault in self._faults(place, row)]
        if faults:
            raise forms.ValidationError(faults)
        return [row.part() for row in rows]

    def refusal(self, place: str, message: str) -> str:
        """What a service says of a place in the list, `[2].minimum`, in the words of the table; its cell is marked."""
        found = _PLACE.match(place)
        if found is None:
            return f"{place}: {message}" if place else message
        number, column = int(found[1]), place[found.end() :].split("[")[0]
        self.widget.faults.append((number, self.row.known_as.get(column, column)))
        return self._said(number, column, message)

    def _faults(self, place: int, row: Row) -> list[str]:
        return [self._said(place, column, str(text)) for column, texts in row.errors.items() for text in texts]

    def _said(self, place: int, column: str, message: str) -> str:
        row, words = self.row.noun.capitalize(), self.row.column(column)
        at = f", {words}" if words not in (row, "", "__all__") else ""
        return f"{row} {place + 1}{at}: {message}"
