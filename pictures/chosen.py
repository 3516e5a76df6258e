"""The pictures that the documentation shows, small enough to live in the repository."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from pictures.browser import Theme

FOLDER = Path("docs/pictures")
MOST_BYTES = 150_000


@dataclass(frozen=True)
class Chosen:
    """The top of a page, this high, in this file of FOLDER."""

    page: str
    file: str
    height: int = 900
    theme: Theme = "light"
    width: int = 1440


CHOSEN = (
    Chosen("home", "home"),
    Chosen("home", "home-dark", theme="dark"),
    Chosen("home", "home-narrow", width=390),
    Chosen("tenant", "tenant"),
    Chosen("new_intent", "new-intent"),
    Chosen("intent", "intent", 1200),
    Chosen("keys", "keys", 700),
    Chosen("models", "models", 700),
    Chosen("model", "model", 1200),
    Chosen("predictor", "predictor", 1200),
    Chosen("fit", "fit", 1500),
    Chosen("change", "change", 1800),
    Chosen("change", "change-dark", theme="dark"),
    Chosen("change", "change-narrow", 1400, width=390),
    Chosen("proposal", "proposal", 1000),
    Chosen("releases", "releases"),
    Chosen("release", "release"),
    Chosen("event", "event", 1600),
    Chosen("members", "members"),
    Chosen("serving", "serving"),
    Chosen("platform_audit", "audit"),
    Chosen("scoring_api", "api", 1000),
)


def of(page: str, theme: Theme, width: int) -> Iterator[Chosen]:
    return (each for each in CHOSEN if (each.page, each.theme, each.width) == (page, theme, width))


def small(png: bytes, height: int) -> bytes:
    """The top of a picture as WebP, as sharp as the limit of bytes allows."""
    with Image.open(io.BytesIO(png)) as whole:
        top = whole.convert("RGB").crop((0, 0, whole.width, min(height, whole.height)))
    for quality in (90, 80, 65, 50):
        buffer = io.BytesIO()
        top.save(buffer, "WEBP", quality=quality, method=6)
        if buffer.tell() <= MOST_BYTES:
            break
    return buffer.getvalue()
