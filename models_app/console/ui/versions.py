"""The versions of what is shared, each leading to its page."""

from models_app.catalog.models import Versioned
from models_app.console.ui.panels import Cell, link, several

MOST = 20  # the newest


def versions(row: Versioned, page: str) -> tuple[str, Cell]:
    """A fact for the page of one of them."""
    rows = type(row)._default_manager.filter(name=row.name).order_by("-version")
    numbers = rows.values_list("version", flat=True)[:MOST]
    cells = [
        Cell(number, kind="strong") if number == row.version else link(number, page, name=row.name, version=number)
        for number in numbers
    ]
    return ("Versions", several(*cells))
