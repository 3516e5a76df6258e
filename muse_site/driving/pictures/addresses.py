"""Where each page of the console is: its patterns, filled with objects that are named or found by following links."""

import re
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import urlsplit

from django.urls import URLPattern

from models_app.console.ui.page import Page
from models_app.console.urls import urlpatterns

_GAP = re.compile(r"<\w+:(\w+)>")
_LINK = re.compile(r'href="/([^"#]*)')


def _is_page(entry: URLPattern) -> bool:
    """Whether it is a whole page of the console: a fragment is none, nor is a form for somebody not logged in."""
    view: type = entry.callback.view_class  # type: ignore[attr-defined]  # as_view() sets it
    return issubclass(view, Page) and not view.is_fragment


PAGES = {str(entry.name): entry for entry in urlpatterns if _is_page(entry)}


def filled(place: Mapping[str, object]) -> Iterator[str]:
    """The address of every page, of the objects that `place` names."""
    for entry in PAGES.values():
        yield _GAP.sub(lambda found: str(place[found[1]]), str(entry.pattern))


def found(read: Callable[[str], str], known: Mapping[str, str]) -> dict[str, str]:
    """The address of every page by its name, found by following links; pages that nothing links to are left out.

    `read` gives the HTML at an address. `known` ones come first. All are of one tenant, that of the first one seen.
    """
    addresses: dict[str, str] = {}
    waiting = [*known.items(), *((name, str(each.pattern)) for name, each in PAGES.items() if not _gaps(each))]
    tenant = ""
    while waiting:
        name, path = waiting.pop(0)
        if name in addresses:
            continue
        addresses[name] = path
        if not tenant and (tenant := _tenant_in(path)):
            waiting += [(each, _of(entry, tenant)) for each, entry in PAGES.items() if _gaps(entry) == ["tenant"]]
        missing = {each: entry for each, entry in PAGES.items() if each not in addresses}
        if missing:
            waiting += _linked(read(path), missing, tenant)
    return {name: addresses[name] for name in PAGES if name in addresses}


def _linked(html: str, missing: Mapping[str, URLPattern], tenant: str) -> Iterator[tuple[str, str]]:
    """Those of the missing pages that this one links to."""
    for path in (urlsplit(link).path for link in _LINK.findall(html)):
        for name, entry in missing.items():
            if entry.pattern.match(path) and (not tenant or _tenant_in(path) in ("", tenant)):
                yield name, path


def _gaps(entry: URLPattern) -> list[str]:
    return _GAP.findall(str(entry.pattern))


def _of(entry: URLPattern, tenant: str) -> str:
    return _GAP.sub(tenant, str(entry.pattern))


def _tenant_in(path: str) -> str:
    parts = path.split("/")
    return parts[1] if parts[0] == "tenants" and len(parts) > 1 else ""
