"""All rows as one page that needs nothing else: ratios to what was wanted, every pair, and the table."""

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

import plotly.graph_objects as go

from benchmarks import sheet
from benchmarks.serving.report import as_text

_OURS, _OTHER = "#1f77b4", "#ff7f0e"
_BODY = """<p>{intro}</p><p>{about}</p>
<h2>Against what was wanted</h2><div class="figure">{goals}</div>
<h2>Processor time</h2><div class="figure">{processor}</div>
<h2>Every pair</h2><div class="figure">{pairs}</div>"""
_INTRO = (
    "One event of 30 features through a model of 200 trees, over HTTP. Both services of a row ran at once and were "
    "loaded in turn. MUSE checks keys, quotas and schemas, routes, transforms twice, records every event and counts; "
    "what the others do not do stands with their numbers."
)


def write(file: Path, rows: Sequence[dict[str, Any]], about: str) -> None:
    """Write the page: `about` says on what it was measured; its script is inside."""
    figures = {"goals": _goals(rows), "processor": _processor(rows), "pairs": _pairs(rows)}
    body = _BODY.format(intro=_INTRO, about=escape(about), **sheet.figures_of(figures))
    sheet.write(file, "What a request costs", body, "\n\n".join(map(as_text, rows)))


def _goals(rows: Sequence[dict[str, Any]]) -> go.Figure:
    """How far each row is from its goal: 1 is what was wanted, and right of it is better."""
    figure = go.Figure()
    judged = [each for each in rows if each["goal"] and all(each["figures"][0]["ratio"])]
    factors = [sorted(_factor(row, each) for each in row["figures"][0]["ratio"]) for row in judged]
    figure.add_scatter(
        x=[middle for _, middle, _ in factors],
        y=[row["row"] for row in judged],
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [high - middle for _, middle, high in factors],
            "arrayminus": [middle - low for low, middle, _ in factors],
        },
        mode="markers",
        marker={"size": 11, "color": [_OURS if middle >= 1.0 else "#d62728" for _, middle, _ in factors]},
        hovertemplate="%{y}: %{x:.2f} of what was wanted",
    )
    figure.add_vline(x=1.0, line={"color": "#444", "dash": "dot"})
    figure.update_xaxes(title="to what was wanted (median of pairs, and their spread)", type="log")
    return _laid_out(figure, len(judged))


def _factor(row: dict[str, Any], ratio: float) -> float:
    return float(row["goal"] / ratio if row["at_most"] else ratio / row["goal"])


def _processor(rows: Sequence[dict[str, Any]]) -> go.Figure:
    """Of a request, in the service's own processes."""
    figure = go.Figure()
    found = [(row["row"], each) for row in rows for each in row["figures"] if each["name"].startswith("processor")]
    for name, side, colour in (("MUSE", "ours", _OURS), ("what it is held against", "other", _OTHER)):
        figure.add_scatter(
            name=name,
            x=[each[side] for _, each in found],
            y=[row for row, _ in found],
            mode="markers",
            marker={"color": colour, "size": 11},
        )
    figure.update_xaxes(title="µs a request", type="log")
    return _laid_out(figure, len(found))


def _pairs(rows: Sequence[dict[str, Any]]) -> go.Figure:
    """Requests a second of every single load."""
    figure = go.Figure()
    for side, (name, colour) in enumerate((("MUSE", _OURS), ("what it is held against", _OTHER))):
        figure.add_scatter(
            name=name,
            x=[pair[side]["per_second"] for row in rows for pair in row["pairs"]],
            y=[row["row"] for row in rows for _ in row["pairs"]],
            mode="markers",
            marker={"color": colour, "size": 9, "opacity": 0.7},
        )
    figure.update_xaxes(title="requests a second, of each load", type="log")
    return _laid_out(figure, len(rows))


def _laid_out(figure: go.Figure, rows: int) -> go.Figure:
    figure.update_yaxes(autorange="reversed", automargin=True)
    return figure.update_layout(
        template="plotly_white", height=180 + 44 * rows, margin={"t": 20}, legend={"orientation": "h", "y": 1.1}
    )
