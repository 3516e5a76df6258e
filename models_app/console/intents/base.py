"""Pages that are about one intent, and stand below its own."""

from collections.abc import Sequence
from functools import cached_property

from django.shortcuts import get_object_or_404

from models_app.console.ui.page import TenantPage
from tenants import selectors
from tenants.models import Intent


class BelowIntent(TenantPage):
    tab, subject = "tenant", "intent"

    @cached_property
    def intent(self) -> Intent:
        return get_object_or_404(selectors.intents(self.tenant), name=self.kwargs["intent"])

    def breadcrumbs(self) -> Sequence[tuple[str, str]]:
        return (*super().breadcrumbs(), (self.intent.name, self.at("intent", intent=self.intent.name)))
