"""Whatever is sent, the answer is a documented one, and only what was answered with 200 is recorded."""

import json
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scoring.serving.process import Serving
from tests.documents import EVENT
from tests.factories import World
from tests.scoring.conftest import recorded

anything = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.just(10**400), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)),
    max_leaves=6,
)
good = st.fixed_dictionaries(
    {"features": st.just(EVENT)},
    optional={
        "event_id": st.text(min_size=1, max_size=5),
        "context": st.just({"channel": "web"}),
        "occurred_at": st.just("2026-11-23T20:06:01Z"),
    },
)


@st.composite
def spoilt(draw: st.DrawFn, content: st.SearchStrategy[dict[str, Any]]) -> dict[str, Any]:
    """An object, with some of its members replaced, added or left out."""
    body = dict(draw(content))
    names = st.sampled_from([*body, "event_id", "context", "occurred_at", "intent", "other"])
    for name in draw(st.lists(names, max_size=2)):
        body[name] = draw(st.one_of(anything, st.dictionaries(st.sampled_from([*EVENT, "x"]), anything)))
    for name in draw(st.lists(names, max_size=1)):
        body.pop(name, None)
    return body


event = st.one_of(good, spoilt(good))
intent = st.just({"intent": "card-payments"})
single = st.builds(lambda one, two: one | two, intent, event)
rows = st.lists(st.one_of(event, anything), max_size=4)
batch = st.builds(lambda rows: {"intent": "card-payments", "events": rows}, rows)
labels = st.builds(
    lambda rows: {"labels": rows},
    st.lists(spoilt(st.just({"intent": "card-payments", "event_id": "e", "label": 1})), max_size=4),
)


@pytest.mark.parametrize(
    ("url", "content"),
    [("score", single), ("score/batch", batch), ("labels", labels), *[(u, anything) for u in ("score", "score/batch")]],
)
def test_anything__sent__is_answered_as_documented(
    client: Client, world: World, process: Serving, url: str, content: st.SearchStrategy[Any]
) -> None:
    @settings(suppress_health_check=[HealthCheck.too_slow])
    @given(content)
    def check(sent: Any) -> None:
        before = len(recorded(process))
        response = client.post(
            f"/api/v1/{url}", json.dumps(sent), content_type="application/json", headers=world.authorization
        )
        answer = response.json()
        added = len(recorded(process)) - before
        if response.status_code == 200:
            good_ones = sum("score" in each for each in answer["results"]) if "results" in answer else 1
            assert added == answer.get("accepted", good_ones)
        else:
            assert response.status_code in (400, 404, 422)
            assert response["Content-Type"] == "application/problem+json"
            assert answer.get("errors") or answer.get("detail")
            assert added == 0

    check()
