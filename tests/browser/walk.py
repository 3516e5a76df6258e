"""Opens every page of the console, and notes what is wrong with it."""

import re
from collections.abc import Iterator, Mapping

from axe_playwright_python.sync_playwright import Axe

from models_app.console.urls import urlpatterns
from tests.browser.people import Visitor

_GRAVE = ("serious", "critical")


def faults_of_all_pages(visitor: Visitor, place: Mapping[str, object]) -> list[str]:
    """An error status, a page that is wider than its window, and what axe finds grave; `place` names objects."""
    return [fault for path in _paths(place) for fault in _faults(visitor, path)]


def _paths(place: Mapping[str, object]) -> Iterator[str]:
    for entry in urlpatterns:
        if entry.callback.view_class.is_fragment:
            continue
        pattern = str(entry.pattern)
        yield re.sub(r"<\w+:(\w+)>", lambda found: str(place[found[1]]), pattern)


def _faults(visitor: Visitor, path: str) -> Iterator[str]:
    visitor.open(path)
    visitor.page.wait_for_load_state("load")
    root = "document.documentElement"
    if visitor.page.evaluate(f"{root}.scrollWidth > {root}.clientWidth"):
        yield f"/{path} is wider than its window"
    for found in Axe().run(visitor.page).response["violations"]:
        if found["impact"] in _GRAVE:
            where = [node["target"] for node in found["nodes"]][:3]
            yield f"/{path}: {found['id']} ({found['impact']}): {found['help']} at {where}"
