"""Fields of the console's own forms."""

from typing import Any

import yaml
from django import forms

from models_app.console.ui.panels import address
from models_app.inputs.yaml_text import NotYaml, read_yaml
from tenants.models import Tenant


class KeyField(forms.CharField):
    """The key of what is shared, as cards@4: `of` models, predictors or references. It is found as one types."""

    def __init__(self, of: str, **options: Any) -> None:
        self.of = of
        super().__init__(max_length=100, **options)

    def offer(self, name: str, element: str, tenant: Tenant | None) -> None:
        """Have its choices come from the page for them (choices.py); without a tenant, what the platform shares.

        `name` is the field's, `element` the id of its input; its template puts the list of choices beside it.
        """
        place = {"kind": self.of} | ({"tenant": tenant.slug} if tenant else {})
        source = address("tenant_choices" if tenant else "choices", **place)
        self.widget.attrs |= {
            "list": f"{element}-options",
            "placeholder": "name@version",
            "autocomplete": "off",
            "spellcheck": "false",
            "hx-get": f"{source}?field={name}",
            "hx-trigger": "input changed delay:200ms, focus once",
            "hx-target": f"#{element}-options",
            "hx-swap": "innerHTML",
        }


class YamlField(forms.CharField):
    """Settings, a line for each item: `- {name: amount, type: number}`. JSON is YAML too. No text is None."""

    def __init__(self, *, rows: int = 8, **options: Any) -> None:
        options.setdefault("widget", forms.Textarea(attrs={"rows": rows, "class": "code", "spellcheck": "false"}))
        super().__init__(**options)

    def prepare_value(self, value: Any) -> str:
        return value if isinstance(value, str) else as_yaml(value)

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        try:
            return read_yaml(text) if text else None
        except NotYaml as error:
            raise forms.ValidationError(str(error)) from None


def as_yaml(value: Any) -> str:
    """A list with one line for each item; other things in blocks."""
    if not value:
        return ""
    if isinstance(value, list):
        lines = (yaml.safe_dump(item, default_flow_style=True, sort_keys=False, width=10_000) for item in value)
        return "".join(f"- {line.strip().removesuffix('...').strip()}\n" for line in lines)
    return yaml.safe_dump(value, sort_keys=False, width=120)
