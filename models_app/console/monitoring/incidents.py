"""All incidents, those that are over too."""

from collections.abc import Iterable, Sequence
from functools import cached_property

from models_app.console.monitoring.chosen import HandleChosen
from models_app.console.monitoring.monitoring import INCIDENTS, chosen_columns
from models_app.console.ui.listing import Listing
from models_app.console.ui.page import Page
from models_app.console.ui.panels import Panel, address
from models_app.incidents import selectors
from models_app.incidents.filters import IncidentFilters
from models_app.incidents.models import Incident


class Incidents(Page):
    title, actions = "Incidents", (HandleChosen,)
    intro = "What monitors have found out of the ordinary, the latest first."

    def breadcrumbs(self) -> tuple[tuple[str, str]]:
        return (("Monitoring", address("monitoring")),)

    @cached_property
    def listing(self) -> Listing:
        return Listing(self.request, selectors.incidents(), INCIDENTS, IncidentFilters)

    @property
    def choosable(self) -> Sequence[Incident]:
        return list(self.listing.page)

    def panels(self) -> Iterable[Panel]:
        self.listing.columns = chosen_columns(self)
        yield self.listing.table(empty="No incidents so far.")
