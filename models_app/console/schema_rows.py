"""What an intent and a model are declared by, as rows: features, context attributes, thresholds."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, get_args

from django import forms

from models_app.console.rows import Row
from scoring.engine.document import ContextAttribute, Feature

_TEXT = re.compile(r'\s*(?:"((?:[^"]|"")*)"|([^,]*?))\s*(?:,|$)')
_EXACT = 2**53  # up to here every whole number is a float of its own


def _types(part: type) -> list[tuple[str, str]]:
    return [(each, each) for each in get_args(part.__annotations__["type"])]


class TextsField(forms.CharField):
    """Texts apart by commas; one with a comma, a quote or a space at its end stands in double quotes."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(map(_quoted, value)) if isinstance(value, Sequence) and not isinstance(value, str) else value

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return [_unquoted(found) for found in _TEXT.finditer(text) if found[0].strip(" ,") or found[1]] if text else []


class NumberField(forms.FloatField):
    """A number; a whole one stays one."""

    def prepare_value(self, value: Any) -> Any:
        return _whole(value) if isinstance(value, float) else value

    def to_python(self, value: Any) -> Any:
        number = super().to_python(value)
        return None if number is None else _whole(number)


class FeatureRow(Row):
    noun = "feature"
    known_as = {"required": "optional"}
    name = forms.CharField(label="Name")
    type = forms.ChoiceField(label="Type", choices=_types(Feature))
    categories = TextsField(label="Categories", required=False)
    minimum = NumberField(label="Minimum", required=False)
    maximum = NumberField(label="Maximum", required=False)
    nullable = forms.BooleanField(label="May be null", required=False)
    optional = forms.BooleanField(label="May be left out", required=False)

    def part(self) -> dict[str, Any]:
        part = super().part()
        return {**part, "required": False} if part.pop("optional", False) else part

    @classmethod
    def begin(cls, part: Mapping[str, Any]) -> dict[str, Any]:
        return {**part, "optional": not part.get("required", True)}


class AttributeRow(Row):
    noun = "attribute"
    name = forms.CharField(label="Name")
    type = forms.ChoiceField(label="Type", choices=_types(ContextAttribute))
    values = TextsField(label="Values", required=False)
    required = forms.BooleanField(label="Required", required=False)


class ThresholdRow(Row):
    noun = "threshold"
    name = forms.CharField(label="Name")
    score = NumberField(label="Score")
    action = forms.CharField(label="Action", required=False, widget=forms.TextInput(attrs={"placeholder": "review"}))


def _whole(number: float) -> float:
    return int(number) if number.is_integer() and abs(number) < _EXACT else number


def _quoted(text: str) -> str:
    plain = text and text == text.strip() and not set(text) & set(',"')
    return text if plain else '"' + text.replace('"', '""') + '"'


def _unquoted(found: re.Match[str]) -> str:
    return found[1].replace('""', '"') if found[1] is not None else found[2]
