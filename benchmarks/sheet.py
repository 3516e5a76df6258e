"""The page that a benchmark writes: a file that needs no other, with Plotly's script inside."""

from collections.abc import Mapping
from html import escape
from pathlib import Path

import plotly.graph_objects as go
import plotly.io

_SHEET = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>
<style>body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 1200px; margin: 2rem auto; padding: 0 1rem }}
pre {{ overflow-x: auto; background: #f6f6f6; padding: 1rem; font-size: 13px }}
.figure {{ overflow-x: auto }} .figure > div {{ min-width: 44rem }}</style></head>
<body><h1>{title}</h1>
{body}
<h2>In numbers</h2><pre>{text}</pre></body></html>
"""


def write(file: Path, title: str, body: str, text: str) -> None:
    """Write the page: `body` is HTML, `text` what the program prints, which stands at its end."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(_SHEET.format(title=title, body=body, text=escape(text)), encoding="utf-8")


def figures_of(figures: Mapping[str, go.Figure]) -> dict[str, str]:
    """Each as HTML, to stand on the page in this order: the first brings the script."""
    return {
        name: plotly.io.to_html(each, full_html=False, include_plotlyjs=place == 0)
        for place, (name, each) in enumerate(figures.items())
    }
