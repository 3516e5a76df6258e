"""Goes through pages in one window after another, and writes what is to be seen."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from playwright.sync_api import Browser, Page

from muse_site.driving.pictures import chosen
from muse_site.driving.pictures.browser import HEIGHT, Theme, arrive, log_in, show
from muse_site.driving.pictures.demonstration import Place

LOGIN, NOT_FOUND = "login", "not_found"
_THEMES: tuple[Theme, ...] = ("light", "dark")
_WIDTHS = (1440, 390)
_WIDER = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@dataclass(frozen=True)
class Camera:
    """`docs`: only what the documentation shows, cut and made small."""

    browser: Browser
    place: Place
    folder: Path
    docs: bool

    def take_all(self, pages: Mapping[str, str]) -> Iterator[str]:
        """Pictures of the pages at these addresses, by name; yields what is wrong with a page."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for theme, width in product(_THEMES, _WIDTHS):
            wanted = [name for name in pages if not self.docs or any(chosen.of(name, theme, width))]
            if wanted:
                window = arrive(self.browser, theme, width)
                yield from self._take(window, {name: pages[name] for name in wanted}, theme, width)
                window.context.close()

    def _take(self, window: Page, pages: Mapping[str, str], theme: Theme, width: int) -> Iterator[str]:
        inside = False
        for name in sorted(pages, key=lambda name: name != LOGIN):  # the login first: one sees it before one is in
            if name != LOGIN and not inside:
                log_in(window, self.place.console, self.place.email, self.place.password)
                inside = True
            status = show(window, pages[name])
            yield from _faults(window, name, status, f"{theme}, {width} wide")
            self._write(_whole(window, width), name, theme, width)

    def _write(self, png: bytes, name: str, theme: Theme, width: int) -> None:
        if not self.docs:
            (self.folder / f"{name}-{theme}-{width}.png").write_bytes(png)
            return
        for each in chosen.of(name, theme, width):
            (self.folder / f"{each.file}.webp").write_bytes(chosen.small(png, each.height))


def _whole(window: Page, width: int) -> bytes:
    """The window grown as high as its page: what fills a window's height fills the picture's."""
    height = max(HEIGHT, int(window.evaluate("document.documentElement.scrollHeight")))
    window.set_viewport_size({"width": width, "height": height})
    picture = window.screenshot()
    window.set_viewport_size({"width": width, "height": HEIGHT})
    return picture


def _faults(window: Page, name: str, status: int, how: str) -> Iterator[str]:
    if status >= 400 and (name, status) != (NOT_FOUND, 404):
        yield f"{name} ({how}): {window.url} answered {status}"
    if window.evaluate(_WIDER):
        yield f"{name} ({how}): {window.url} is wider than its window"
