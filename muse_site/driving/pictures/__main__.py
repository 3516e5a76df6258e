"""Takes a picture of every page of the console, light and dark, 1440 and 390 wide.

    python -m muse_site.driving.pictures [FOLDER] [--docs] [--only PAGE …]
        [--address URL --login EMAIL:PASSWORD [--at PAGE=PATH …]]

It starts a product with the demonstration in it, which is gone afterwards; or goes to one that runs. Pages are those of
models_app/console/urls.py, by the names that they have there, with the login, the API's documentation and a page that
is not there. It fails where a page has nothing to show, answers with an error, or is wider than its window.
"""

import argparse
import os
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from playwright.sync_api import Browser
from playwright.sync_api import Error as BrowserError

from muse_site.driving.client import ApiError, GaveUp
from muse_site.driving.pictures import chosen
from muse_site.driving.pictures.browser import NoBrowser, NotLetIn, arrive, chromium, log_in
from muse_site.driving.pictures.camera import LOGIN, NOT_FOUND, Camera
from muse_site.driving.pictures.demonstration import ELSEWHERE, Place, demonstration, set_up_django

# What belongs to the console's people beside its own pages.
_BESIDE = {LOGIN: "admin/login/", NOT_FOUND: "there-is-no-such-page", "api": "api/v1/docs", "records": "admin/"}


def main() -> None:
    options = _options()
    folder = chosen.FOLDER if options.docs else options.folder
    try:
        with _place(options) as place, chromium() as browser:
            found = _pages(browser, place)
            wanted = _wanted(options)
            faults = [f"{name}: no page links to one, so there is nothing to show" for name in wanted - found.keys()]
            pages = {name: address for name, address in found.items() if name in wanted}
            faults += Camera(browser, place, folder, options.docs).take_all(pages)
    except (ApiError, GaveUp, NoBrowser, NotLetIn, BrowserError) as error:
        sys.exit(f"{type(error).__name__}: {error}")
    print(f"pictures of {len(pages)} pages are in {folder}")
    if faults:
        sys.exit("\n".join(faults))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=Path("report/pictures"), help="where they are written")
    parser.add_argument("--docs", action="store_true", help=f"only what the documentation shows, to {chosen.FOLDER}")
    parser.add_argument("--only", nargs="+", default=[], metavar="PAGE", help="these pages, by their names in urls.py")
    parser.add_argument("--address", metavar="URL", help="the console of a product that runs")
    parser.add_argument("--login", metavar="EMAIL:PASSWORD", help="of somebody who may see all of it")
    parser.add_argument("--at", nargs="+", default=[], metavar="PAGE=PATH", help="what shall be shown on these pages")
    options = parser.parse_args()
    if bool(options.address) != bool(options.login):
        parser.error("--address and --login go together")
    return options


def _place(options: argparse.Namespace) -> AbstractContextManager[Place]:
    if not options.address:
        return demonstration()
    os.environ.setdefault("MUSE_SECRET_KEY", "not used: only the list of pages is read here")
    set_up_django()
    email, _, password = options.login.partition(":")
    known = {name: path.strip("/") for name, _, path in (each.partition("=") for each in options.at)}
    return nullcontext(Place(options.address.rstrip("/"), email, password, known=known))


def _pages(browser: Browser, place: Place) -> dict[str, str]:
    """Where each page is, by name."""
    from muse_site.driving.pictures import addresses

    window = arrive(browser, "light", 1440)
    log_in(window, place.console, place.email, place.password)
    found = addresses.found(lambda path: window.request.get(f"{place.console}/{path}").text(), place.known)
    window.context.close()
    return {name: f"{place.console}/{path}" for name, path in (found | _BESIDE).items()} | place.elsewhere


def _wanted(options: argparse.Namespace) -> set[str]:
    """Names of the pages that are asked for."""
    from muse_site.driving.pictures.addresses import PAGES

    there_are = {*PAGES, *_BESIDE, *(() if options.address else ELSEWHERE)}
    if unknown := set(options.only) - there_are:
        sys.exit(f"no such pages: {', '.join(sorted(unknown))}; there are {', '.join(sorted(there_are))}")
    if options.only:
        return set(options.only)
    return {each.page for each in chosen.CHOSEN} & there_are if options.docs else there_are


if __name__ == "__main__":
    main()
