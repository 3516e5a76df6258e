"""Opens every page of the console, and notes what is wrong with it."""

from collections.abc import Iterator, Mapping

from axe_playwright_python.sync_playwright import Axe

from muse_site.driving.pictures.addresses import filled
from tests.browser.people import Visitor

_GRAVE = ("serious", "critical")


def faults_of_all_pages(visitor: Visitor, place: Mapping[str, object]) -> list[str]:
    """An error status, a page that is wider than its window, and what axe finds grave; `place` names objects."""
    return [fault for path in filled(place) for fault in _faults(visitor, path)]


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
