"""What a transform is for, chosen in a form."""

from collections.abc import Mapping
from typing import Any

from django import forms

from models_app.console.acts import ActForm
from models_app.console.fields import KeyField
from models_app.console.page import TenantPage
from models_app.selectors import catalog, fitting
from tenants import selectors
from tenants.roles import Act


class TransformForm(ActForm):
    """An act that leads to a transform for an intent and a predictor, to a reference distribution."""

    needs = Act.FIT
    intent = forms.ChoiceField()
    predictor = KeyField("predictors")
    reference = KeyField("references", help_text="The distribution that scores follow, and keep.")

    def start(self) -> Mapping[str, Any]:
        return {"intent": self.page.request.GET.get("intent")}

    def prepare(self) -> None:
        page = self.page
        assert isinstance(page, TenantPage)
        self.offer(intent=[(row.name, row.name) for row in selectors.intents(page.tenant)])

    def recipe(self) -> dict[str, Any]:
        """What services want to know of it."""
        page, data = self.page, self.cleaned_data
        assert isinstance(page, TenantPage)
        return {
            "actor": page.person,
            "tenant": page.tenant,
            "intent": fitting.intent_by_name(page.tenant, data["intent"]),
            "predictor": catalog.predictor_by_key(data["predictor"], "predictor"),
            "reference": catalog.reference_by_key(data["reference"], "reference"),
        }
