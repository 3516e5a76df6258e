"""Tables of rows in a form: each row is a small form of its own, and all of them together are one field."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from models_app.console.ui.fields import KeyField
from models_app.console.ui.panels import address

MOST = 5_000  # rows: settings.DATA_UPLOAD_MAX_NUMBER_FIELDS has room for their cells
_PLACE = re.compile(r"^\[(\d+)\]\.?")


class Row(forms.Form):
    """A row; its fields are the columns, in their order. What is left empty is left out of what services get.

    `noun`: what a row is, for errors and for who does not see the table; `known_as`: what services call otherwise.
    """

    noun: ClassVar[str]
    service_names: ClassVar[Mapping[str, str]] = {}

    def part(self) -> dict[str, Any]:
        """Return the row as services take it."""
        given = self.cleaned_data.items()
        return {
            name: value for name, value in given if value not in ("", []) and value is not None and value is not False
        }

    @classmethod
    def begin(cls, part: Mapping[str, Any]) -> Mapping[str, Any]:
        """What the fields begin with, of a part that is there."""
        return part

    @classmethod
    def shown(cls, part: Mapping[str, Any]) -> dict[str, str]:
        """What stands in the cells."""
        begins = cls.begin(part)
        return {name: _text(field, begins.get(name)) for name, field in cls.base_fields.items()}

    @classmethod
    def says(cls, typed: Mapping[str, str]) -> bool:
        """Whether anything was typed: a choice is made in every row."""
        chosen = (name for name, field in cls.base_fields.items() if not isinstance(field, forms.ChoiceField))
        return any(typed[name] for name in chosen)

    @classmethod
    def column(cls, name: str) -> str:
        """The column's heading, by its own name or by what services call it."""
        field = cls.base_fields.get(cls.service_names.get(name, name))
        return str(field.label or name) if field else name


@dataclass(frozen=True)
class Column:
    """How a field is drawn in each row. `kind`: text, number, select, checkbox, or key, found at `choices` as typed."""

    name: str
    words: str
    kind: str
    hint: str
    choices: Any = ()


class Typed(list[dict[str, str]]):
    """What stands in the cells of rows as they were sent, without those that are empty."""


class Rows(forms.Widget):
    """Fields `features-0-name`, `features-0-type`, `features-1-name`, …; at least `least` rows, the last one empty."""

    use_fieldset = True

    def __init__(self, row: type[Row], least: int) -> None:
        super().__init__()
        self.row, self.least = row, least
        self.faults: set[tuple[int, str]] = set()  # row, column

    def __deepcopy__(self, memo: dict[int, Any]) -> "Rows":
        """Copy the widget with faults of its own, so that forms do not share them."""
        copy = super().__deepcopy__(memo)
        copy.faults = set()
        return copy

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Typed:
        ours = re.compile(rf"{re.escape(name)}-(\d{{1,6}})-(?:{'|'.join(self.row.base_fields)})$")
        places = sorted({int(found[1]) for key in data if (found := ours.match(key))})
        rows = [self._typed(data, f"{name}-{place}") for place in places]
        return Typed(row for row in rows if self.row.says(row))

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return not self.value_from_datadict(data, files, name)

    def render(self, name: str, value: Typed, attrs: Any = None, renderer: Any = None) -> SafeString:
        empty = [self.row.shown({})] * max(1, self.least - len(value))
        columns = [_column(each, field) for each, field in self.row.base_fields.items()]
        rows = [
            [(column, row[column.name], (place, column.name) in self.faults) for column in columns]
            for place, row in enumerate([*value, *empty])
        ]
        context = {"rows": rows, "columns": columns, "noun": self.row.noun, "name": name}
        return render_to_string("console/typed/rows.html", {**context, "id": (attrs or {}).get("id", name)})

    def _typed(self, data: Mapping[str, Any], prefix: str) -> dict[str, str]:
        return {part: str(data.get(f"{prefix}-{part}", "")).strip() for part in self.row.base_fields}


class RowsField(forms.Field):
    """A list of dictionaries, one for each row, as services take it. `empty`: the error for a required list."""

    widget: Rows

    def __init__(self, row: type[Row], *, least: int = 1, most: int = MOST, empty: str = "", **options: Any) -> None:
        super().__init__(widget=Rows(row, least), **options)
        self.row, self.most = row, most
        self.empty = empty or f"Add at least one {row.noun}."

    def prepare_value(self, value: Any) -> Typed:
        return value if isinstance(value, Typed) else Typed(self.row.shown(part) for part in value or ())

    def clean(self, value: Typed) -> list[dict[str, Any]]:
        if self.required and not value:
            raise forms.ValidationError(self.empty)
        if len(value) > self.most:
            raise forms.ValidationError(f"Expected at most {self.most:,} rows, found {len(value):,}.")
        rows = self.rows_of(value)
        faults = [fault for place, row in enumerate(rows) for fault in self._faults(place, row)]
        if faults:
            raise forms.ValidationError(faults)
        return [row.part() for row in rows]

    def rows_of(self, value: Typed) -> list[Row]:
        return [self.row({name: text for name, text in typed.items() if text}) for typed in value]

    def refusal(self, place: str, message: str) -> str:
        """Put a service's error at a place in the list, `[2].minimum`, into the table's words; mark its cell."""
        found = _PLACE.match(place)
        if found is None:
            return f"{place}: {message}" if place else message
        column = place[found.end() :].split("[")[0]
        return self._message(int(found[1]), self.row.service_names.get(column, column), message)

    def _faults(self, place: int, row: Row) -> list[str]:
        return [self._message(place, column, str(text)) for column, texts in row.errors.items() for text in texts]

    def _message(self, place: int, column: str, message: str) -> str:
        self.widget.faults.add((place, column))
        row, words = self.row.noun.capitalize(), self.row.column(column)
        at = f", {words}" if words not in (row, "", "__all__") else ""
        return f"{row} {place + 1}{at}: {message}"


def _column(name: str, field: forms.Field) -> Column:
    words, hint = str(field.label or name), str(field.widget.attrs.get("placeholder", ""))
    if isinstance(field, KeyField):
        return Column(name, words, "key", "name@version", address("choices", kind=field.of))
    if isinstance(field, forms.ChoiceField):
        choices: Any = field.choices
        return Column(name, words, "select", hint, [value for value, _ in choices])
    kinds = ((forms.BooleanField, "checkbox"), (forms.FloatField, "number"))
    return Column(name, words, next((kind for each, kind in kinds if isinstance(field, each)), "text"), hint)


def _text(field: forms.Field, value: Any) -> str:
    """Return a value as a browser would send it."""
    if isinstance(field, forms.BooleanField):
        return "on" if value else ""
    shown = field.prepare_value(field.initial if value is None else value)
    return "" if shown is None else str(shown)
