"""Evidence as figures: Plotly JSON by name, `<intent>/<figure>` or `<intent>/<figure>: <threshold>`."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import plotly.graph_objects as go

from models_app.figures.evidence import labels, probability, rates, scores
from models_app.figures.language import finished
from models_app.statistics.evidence.findings import IntentEvidence
from scoring.engine.document import ReleaseDocument

Named = tuple[str, go.Figure | None]

_OF_EVIDENCE: tuple[Callable[[IntentEvidence], Iterator[Named]], ...] = (
    rates.figures,
    scores.figures,
    probability.figures,
    labels.figures,
)


def figures_of(
    evidence: Sequence[IntentEvidence], live: ReleaseDocument | None = None, proposed: ReleaseDocument | None = None
) -> dict[str, Any]:
    """All figures of a change request from `live` to `proposed`; reading.py says how they are to be read."""
    figures = {}
    for intent in evidence:
        if intent.n:
            for name, figure in _figures(intent, live, proposed):
                if figure is not None:
                    figures[f"{intent.intent}/{name}"] = finished(figure)
    return figures


def _figures(intent: IntentEvidence, live: ReleaseDocument | None, proposed: ReleaseDocument | None) -> Iterator[Named]:
    for of_evidence in _OF_EVIDENCE:
        yield from of_evidence(intent)
    if proposed is not None:
        yield "mapping", probability.mapping(intent.intent, live, proposed)
