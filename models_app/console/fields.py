"""Fields of the console's own forms."""

from typing import Any

from django import forms

from models_app.console.parts import address
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
