"""What an incident is seen by, as figures: how values were spread and are now, and alert rates by the hour."""

from collections.abc import Mapping, Sequence
from typing import Any

from models_app.figures.language import AFTER, BEFORE, PLAIN, as_sent, finished, named_places, titled

_MOST = 24  # bins that are drawn, those with the most events


def spread(title: str, bins: Sequence[str], past: Sequence[int], now: Sequence[int]) -> Any:
    """The share of events in each bin, in the weeks before and since the incident began, side by side."""
    kept = sorted(sorted(range(len(bins)), key=lambda place: -(past[place] + now[place]))[:_MOST])
    figure = titled(title)
    for name, counts, color in (("weeks before", past, BEFORE), ("since then", now, AFTER)):
        shares = [100 * counts[place] / max(1, sum(counts)) for place in kept]
        shown = f"{name}, %{{customdata}}: %{{y:.3g}} % of events<extra></extra>"
        names = [as_sent(bins[place]) for place in kept]
        figure.add_bar(
            x=list(range(len(kept))),
            y=shares,
            name=name,
            marker={"color": color},
            customdata=names,
            hovertemplate=shown,
        )
    named_places(figure, [as_sent(bins[place]) for place in kept])
    return finished(figure.update_layout(barmode="group").update_yaxes(title="share of events, %"))


def alert_rates(hours: Sequence[str], rates: Mapping[str, Sequence[float | None]], targets: Mapping[str, float]) -> Any:
    """The alert rate of the last 24 hours at each hour, by threshold, as a multiple of its target."""
    figure = titled("Alert rates of 24 hours, as multiples of their targets")
    for name, values in rates.items():
        shown = f"{as_sent(name)}: %{{y:.3g}} × its target in the 24 hours up to %{{x}}<extra></extra>"
        y = [None if value is None else value / targets[name] for value in values]
        figure.add_scatter(x=list(hours), y=y, name=as_sent(name), mode="lines", hovertemplate=shown)
    figure.add_hline(1.0, line={"width": 1, "dash": "dash", "color": PLAIN}, annotation_text="target")
    return finished(figure.update_xaxes(type="date").update_yaxes(title="multiple of the target", rangemode="tozero"))
