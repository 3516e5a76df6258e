"""What a transform is for, chosen in a form."""

from collections.abc import Mapping
from typing import Any, TypeVar

from django import forms

from models_app.catalog import selectors as catalog_selectors
from models_app.console.ui.actions import ActionForm
from models_app.console.ui.fields import KeyField
from models_app.console.ui.page import TenantPage
from models_app.releases.words import when_in_words
from models_app.transforms import selectors as transforms_selectors
from tenants import selectors as tenants_selectors
from tenants.roles import Permission

TenantPageT = TypeVar("TenantPageT", bound=TenantPage)


class TransformForm(ActionForm[TenantPageT]):
    """An act that leads to a transform for an intent and a predictor, to a reference distribution."""

    needs = Permission.FIT
    intent = forms.ChoiceField()
    predictor = KeyField("predictors")
    reference = KeyField("references", help_text="The distribution that scores follow, and keep.")
    routes = forms.MultipleChoiceField(
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Whose events it is for. Default: all, or those of the routes on which the predictor answers.",
    )

    def initial_values(self) -> Mapping[str, Any]:
        return {"intent": self.page.request.GET.get("intent")}

    def prepare(self) -> None:
        self.offer(intent=[(row.name, row.name) for row in tenants_selectors.intents(self.page.tenant)])
        self.offer_routes()

    def offer_routes(self) -> None:
        """Offer the choice of routes where an intent has several."""
        if offered := _several(self.page):
            self.offer(routes=offered)
        else:
            del self.fields["routes"]

    def chosen_routes(self) -> list[str]:
        return list(self.cleaned_data.get("routes", ()))

    def recipe(self) -> dict[str, Any]:
        """What services want to know of it."""
        page, data = self.page, self.cleaned_data
        return {
            "actor": page.person,
            "tenant": page.tenant,
            "intent": transforms_selectors.intent_by_name(page.tenant, data["intent"]),
            "predictor": catalog_selectors.predictor_by_key(data["predictor"], "predictor"),
            "reference": catalog_selectors.reference_by_key(data["reference"], "reference"),
        }


def _several(page: TenantPage) -> list[tuple[str, str]]:
    """The routes of those intents that have several, each name once, with whose events they are."""
    words: dict[str, list[str]] = {}
    for intent, part in page.live_intents.items():
        for route in part.routes if len(part.routes) > 1 else ():
            words.setdefault(route.name, []).append(f"{intent}: {when_in_words(route)}")
    return [(name, f"{name} ({'; '.join(conditions)})") for name, conditions in words.items()]
