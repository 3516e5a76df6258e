"""Figures of evidence: which there are, in which order they are read, and what is left out where nothing is known."""

from dataclasses import replace
from typing import Any

import msgspec
import numpy as np
import pytest

from models_app.evidence.figures import figures_of
from models_app.evidence.figures.reading import by_chapter
from models_app.statistics.evidence import examine
from models_app.statistics.evidence.findings import IntentEvidence
from scoring.engine.document import Intent, Predictor, ReleaseDocument, Route, Target, Transform
from tests.statistics.evidence.test_examine import observed, question

OLD, NEW = Target("old@1", 8), Target("new@1", 10)


def evidence(live: bool = True) -> IntentEvidence:
    return examine("cards", observed(20_000, shift=1.5, noise=0.3, live=live), question(0.1, 0.01))


def document(live: Target) -> ReleaseDocument:
    curve = Transform("custom", "cards@1", (0.0, 0.1, 0.5, 1.0), (0.0, 0.5, 0.9, 1.0))
    intents = {"cards": Intent((), (Route("all", live),))}
    return ReleaseDocument("acme", intents, {live.predictor: Predictor(())}, {str(live.transform): curve}, {})


def drawn(found: IntentEvidence) -> dict[str, Any]:
    return figures_of([found], document(OLD), document(NEW))


def names_of(figure: Any) -> set[str]:
    return {trace.get("name") for trace in figure["data"]}


def test_figures__of_all_that_can_be_known__are_read_in_chapters_with_hints() -> None:
    read = {chapter.name: [name for name, *_ in told] for chapter, told in by_chapter(drawn(evidence()))}
    assert list(read) == ["alert-rates", "scores", "labels"]
    kinds = ["alert rates", "probability", "by day: at-0.01", "by day: at-0.1", "by context: at-0.01"]
    assert read["alert-rates"][:5] == [f"cards/{kind}" for kind in kinds]
    assert read["scores"] == [f"cards/{kind}" for kind in ("distribution", "histogram", "swap", "mapping")]
    assert read["labels"] == [f"cards/{kind}" for kind in ("recall", "precision", "calibration", "labels")]
    assert all(hint for _, told in by_chapter(drawn(evidence())) for *_, hint in told)


def test_figures__are_plain_json() -> None:
    figures = drawn(evidence())
    assert msgspec.json.decode(msgspec.json.encode(figures)) == figures


def test_figures__where_labels_are_late__say_how_many_there_are_by_week() -> None:
    hints = {name: hint for _, told in by_chapter(drawn(evidence())) for name, _, hint in told}
    for name in ("recall", "precision", "calibration"):
        assert "20,000 of 20,000 events are labelled" in hints[f"cards/{name}"]
        assert "by week, oldest first: 100, 100 %" in hints[f"cards/{name}"]


def test_figures__where_nothing_was_live__show_what_comes_alone() -> None:
    figures = figures_of([evidence(live=False)], None, document(NEW))
    assert "cards/swap" not in figures
    assert names_of(figures["cards/mapping"]) == {"after"}
    for name in ("alert rates", "by day: at-0.1", "by context: at-0.1", "histogram", "recall"):
        assert "before" not in names_of(figures[f"cards/{name}"])
        assert "after" in names_of(figures[f"cards/{name}"])


def test_figures__of_findings_before_there_were_histograms__go_without() -> None:
    kept = {name.partition("/")[2] for name in drawn(replace(evidence(), histogram=None, crossing=None))}
    assert {"distribution", "alert rates"} <= kept
    assert kept.isdisjoint({"histogram", "swap"})


def test_figures__stored_under_old_names__are_still_read() -> None:
    stored = {"cards/by day": {"data": []}, "cards/alert rates": {"data": []}, "cards/unheard of": {"data": []}}
    ((chapter, told),) = by_chapter(stored)
    assert chapter.name == "alert-rates"
    assert [name for name, *_ in told] == ["cards/alert rates", "cards/by day"]


def test_figure__by_day__has_a_band_a_target_and_the_spread_of_weeks() -> None:
    figure = drawn(evidence())["cards/by day: at-0.1"]
    assert {"before low", "before high", "after low", "after high", "before", "after"} <= names_of(figure)
    assert len(figure["layout"]["shapes"]) == 3
    lows = [trace["y"] for trace in figure["data"] if trace["name"].endswith(" low")]
    (after,) = (trace["y"] for trace in figure["data"] if trace["name"] == "after")
    assert np.all(np.asarray(lows[1]) < np.asarray(after))


def test_figure__swap__has_after_upwards() -> None:
    found = evidence()
    assert found.crossing is not None
    (heat,) = drawn(found)["cards/swap"]["data"]
    assert heat["customdata"][-1][0] == found.crossing.counts[0][-1]
    assert heat["customdata"][0][0] == found.crossing.counts[0][0]


@pytest.mark.parametrize("n", [0, 1, 2])
def test_figures__of_very_few_events__do_not_fail(n: int) -> None:
    figures_of([examine("cards", observed(n), question(0.1))], document(OLD), document(NEW))
