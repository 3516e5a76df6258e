"""All incidents, those that are over too."""

from collections.abc import Iterable

from models_app.console.monitoring.monitoring import INCIDENTS
from models_app.console.ui.listing import Listing
from models_app.console.ui.page import Page
from models_app.console.ui.panels import Panel, address
from models_app.incidents import selectors
from models_app.incidents.filters import IncidentFilters


class Incidents(Page):
    title = "Incidents"
    intro = "What monitors have found out of the ordinary, the latest first."

    def breadcrumbs(self) -> tuple[tuple[str, str]]:
        return (("Monitoring", address("monitoring")),)

    def panels(self) -> Iterable[Panel]:
        listing = Listing(self.request, selectors.incidents(), INCIDENTS, IncidentFilters)
        yield listing.table(empty="No incidents so far.")
