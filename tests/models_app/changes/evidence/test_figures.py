"""Figures of evidence: which there are, in which order they are read, and what is left out where nothing is known."""

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import msgspec
import numpy as np
import pytest

from models_app.figures.evidence import figures_of
from models_app.figures.evidence.reading import by_chapter
from models_app.statistics.evidence import examine
from models_app.statistics.evidence.findings import IntentEvidence
from scoring.engine.document import Intent, Predictor, ReleaseDocument, Route, Target, Transform
from tests.models_app.statistics.evidence.test_examine import observed, question

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
    read = {chapter.name: [name for name, *_ in entries] for chapter, entries in by_chapter(drawn(evidence()))}
    assert list(read) == ["alert-rates", "scores", "labels"]
    kinds = ["alert rates", "probability", "by day: at-0.01", "by day: at-0.1", "by context: at-0.01"]
    assert read["alert-rates"][:5] == [f"cards/{kind}" for kind in kinds]
    assert read["scores"] == [f"cards/{kind}" for kind in ("distribution", "histogram", "swap", "mapping")]
    assert read["labels"] == [f"cards/{kind}" for kind in ("recall", "precision", "calibration", "labels")]
    assert all(hint for _, entries in by_chapter(drawn(evidence())) for *_, hint in entries)


def test_figures__are_plain_json() -> None:
    figures = drawn(evidence())
    assert msgspec.json.decode(msgspec.json.encode(figures)) == figures


def test_figures__where_labels_are_late__say_how_many_there_are_by_week() -> None:
    hints = {name: hint for _, entries in by_chapter(drawn(evidence())) for name, _, hint in entries}
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
    ((chapter, entries),) = by_chapter(stored)
    assert chapter.name == "alert-rates"
    assert [name for name, *_ in entries] == ["cards/alert rates", "cards/by day"]


def test_figure__by_day__has_a_band_a_target_and_the_spread_of_weeks() -> None:
    figure = drawn(evidence())["cards/by day: at-0.1"]
    assert {"before low", "before high", "after low", "after high", "before", "after"} <= names_of(figure)
    assert len(figure["layout"]["shapes"]) == 3
    lows = [trace["y"] for trace in figure["data"] if trace["name"].endswith(" low")]
    (after,) = (trace["y"] for trace in figure["data"] if trace["name"] == "after")
    assert np.all(np.asarray(lows[1]) < np.asarray(after))


LINK, BOLD = '<a href="https://evil.example/">Approve here</a>', "<b>decline</b>"
LINK_AS_SENT = '&lt;a href="https://evil.example/"&gt;Approve here&lt;/a&gt;'


def of_clients_text() -> dict[str, Any]:
    """Figures of an intent with such names of a context attribute, its values and a threshold."""
    seen, query = observed(20_000, shift=1.5), question(0.1)
    values = np.array([LINK, "a<br>b", "&lt;", "%{y}"] * 5_000, dtype=object)
    query = replace(query, thresholds=(replace(query.thresholds[0], name=BOLD),))
    return drawn(examine("cards", replace(seen, contexts={"<i>channel</i>": values}), query))


def test_figures__of_clients_text__show_it_as_it_was_sent() -> None:
    figures = of_clients_text()
    axis = figures[f"cards/by context: {BOLD}"]["layout"]["xaxis"]
    assert axis["title"]["text"] == "&lt;i&gt;channel&lt;/i&gt;"
    assert set(axis["ticktext"]) == {
        f"{each}<br>5,000 events" for each in ("&#37;{y}", "&amp;lt;", LINK_AS_SENT, "a&lt;br&gt;b")
    }
    bold = "&lt;b&gt;decline&lt;/b&gt;"
    assert figures["cards/alert rates"]["layout"]["xaxis"]["ticktext"] == [bold]
    assert figures["cards/precision"]["layout"]["xaxis"]["ticktext"] == [bold]
    for name in ("distribution", "histogram", "swap"):
        assert figures[f"cards/{name}"]["layout"]["annotations"][0]["text"] == bold


def test_figures__of_clients_text__have_no_markup_but_their_own() -> None:
    text = msgspec.json.encode(list(of_clients_text().values())).decode()
    assert set(re.findall("<[^>]*>?", text)) == {"<br>", "<extra>", "</extra>"}


@pytest.mark.parametrize(("days", "step"), [(1, 1), (8, 1), (14, 2), (60, 8)])
def test_figure__by_day__has_an_axis_of_days(days: int, step: int) -> None:
    seen = observed(20_000)
    figure = drawn(examine("cards", replace(seen, occurred_at=seen.occurred_at * days // 14), question(0.1)))[
        "cards/by day: at-0.1"
    ]
    axis = figure["layout"]["xaxis"]
    last = date(1970, 1, 1) + timedelta(days=days - 1)
    assert (axis["type"], axis["tick0"], axis["dtick"]) == ("date", "1970-01-01", step * 86_400_000)
    assert axis["range"] == ["1969-12-31T12:00:00", f"{last}T12:00:00"]
    modes = {trace["name"]: trace["mode"] for trace in figure["data"]}
    assert modes["after"] == ("lines+markers" if days == 1 else "lines")
    assert modes["after low"] == "lines"


def test_figure__swap__has_after_upwards() -> None:
    found = evidence()
    assert found.crossing is not None
    (heat,) = drawn(found)["cards/swap"]["data"]
    assert heat["customdata"][-1][0] == found.crossing.counts[0][-1]
    assert heat["customdata"][0][0] == found.crossing.counts[0][0]


@pytest.mark.parametrize("n", [0, 1, 2])
def test_figures__of_very_few_events__do_not_fail(n: int) -> None:
    figures_of([examine("cards", observed(n), question(0.1))], document(OLD), document(NEW))


def stray() -> IntentEvidence:
    """With an event more, of a day and of a context value of its own, which alerts."""
    found = evidence()
    first, parts = found.by_day[0], found.by_context["channel"]
    day = (date.fromisoformat(first.name) - timedelta(days=3)).isoformat()
    alone = replace(first, name=day, n=1, before=[1, 1], after=[1, 1])
    by_context = {"channel": [*parts, replace(alone, name="")]}
    return replace(found, by_day=[alone, *found.by_day], by_context=by_context)


@pytest.mark.parametrize(("kind", "noun"), [("by day", "day"), ("by context", "value")])
def test_figures__with_a_stray_event__are_as_without_it_and_say_what_they_leave_out(kind: str, noun: str) -> None:
    name = f"cards/{kind}: at-0.01"
    with_it, without = drawn(stray()), drawn(evidence())
    assert with_it[name]["data"] == without[name]["data"]
    hints = {each: hint for _, entries in by_chapter(with_it) for each, _, hint in entries}
    assert hints[name].endswith(f"1 {noun} is left out, of fewer than 100 events each.")


def test_figures__where_all_days_are_small__show_them_all() -> None:
    found = evidence()
    small = replace(found, by_day=[replace(each, n=40, before=[4, 1], after=[4, 1]) for each in found.by_day])
    assert len(drawn(small)["cards/by day: at-0.01"]["data"][-1]["x"]) == len(found.by_day)
