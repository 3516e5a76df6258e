"""What an intent and a model are declared by, as rows: features, context attributes, thresholds."""

from collections.abc import Mapping
from typing import Any, get_args

from django import forms

from models_app.console.ui import quoted_list
from models_app.console.ui.rows import Row
from scoring.engine.document import ContextAttribute, Feature

_EXACT = 2**53  # up to here every whole number is a float of its own
FEATURES_HELP = "Categories are comma-separated, such as web, app. Events with a number outside its limits are refused."


def _types(part: type) -> list[tuple[str, str]]:
    return [(each, each) for each in get_args(part.__annotations__["type"])]


class WordField(forms.CharField):
    """One text; one that begins or ends with a space stands in double quotes."""

    def prepare_value(self, value: Any) -> Any:
        return quoted_list.word(value) if value else value

    def to_python(self, value: Any) -> Any:
        return quoted_list.text(value) if value else super().to_python(value)


class WordsField(forms.CharField):
    """Texts apart by commas; one with a comma in it stands in double quotes."""

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, str) else quoted_list.line(value or ())

    def to_python(self, value: Any) -> Any:
        try:
            return quoted_list.texts(value or "")
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None


class NumberField(forms.FloatField):
    """A number; a whole one stays one."""

    def prepare_value(self, value: Any) -> Any:
        return _whole(value) if isinstance(value, float) else value

    def to_python(self, value: Any) -> Any:
        number = super().to_python(value)
        return None if number is None else _whole(number)


class FeatureRow(Row):
    noun = "feature"
    service_names = {"required": "optional"}
    name = WordField(label="Name")
    type = forms.ChoiceField(label="Type", choices=_types(Feature))
    categories = WordsField(label="Categories", required=False)
    minimum = NumberField(label="Minimum", required=False)
    maximum = NumberField(label="Maximum", required=False)
    nullable = forms.BooleanField(label="May be null", required=False)
    optional = forms.BooleanField(label="Optional", required=False)

    def part(self) -> dict[str, Any]:
        part = super().part()
        return {**part, "required": False} if part.pop("optional", False) else part

    @classmethod
    def begin(cls, part: Mapping[str, Any]) -> dict[str, Any]:
        return {**part, "optional": not part.get("required", True)}


class AttributeRow(Row):
    noun = "attribute"
    name = WordField(label="Name")
    type = forms.ChoiceField(label="Type", choices=_types(ContextAttribute))
    values = WordsField(label="Values", required=False)
    required = forms.BooleanField(label="Required", required=False)


class ThresholdRow(Row):
    noun = "threshold"
    name = WordField(label="Name")
    score = NumberField(label="Score")
    action = WordField(label="Action", required=False, widget=forms.TextInput(attrs={"placeholder": "review"}))


def _whole(number: float) -> float:
    return int(number) if number.is_integer() and abs(number) < _EXACT else number
