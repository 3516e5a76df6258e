"""The pictures that the documentation shows, small enough to live in the repository."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from muse_site.driving.pictures.browser import Theme

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
    Chosen("home", "home", 920),
    Chosen("change", "change", 1300),
    Chosen("change", "change-dark", 1000, theme="dark"),
    Chosen("change", "change-narrow", 1600, width=390),
    Chosen("verdict_pass", "verdict-pass", 620),
    Chosen("verdict_repairs", "verdict-repairs", 620),
    Chosen("verdict_fail", "verdict-fail", 620),
    Chosen("verdict_too_few", "verdict-too-few", 620),
    Chosen("verdict_risk_rose", "verdict-risk-rose", 900),
    Chosen("replacement", "proposal", 800),
    Chosen("releases", "releases", 1000),
    Chosen("event", "event", 1090),
    Chosen("new_intent", "new-intent"),
    Chosen("intent", "intent", 930),
    Chosen("keys", "keys", 600),
    Chosen("members", "members"),
    Chosen("model", "model", 1200),
    Chosen("predictor", "predictor", 1000),
    Chosen("fit", "fit", 1580),
    Chosen("serving", "serving", 700),
    Chosen("platform_audit", "audit"),
    Chosen("scoring_api", "api", 520),
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
