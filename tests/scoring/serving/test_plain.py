"""Requests read by an intent's own decoder, and any way: same answer or refusal, same records."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scoring.serving import plain
from scoring.serving.keyring import Key
from scoring.serving.process import Serving
from scoring.serving.requests import ScoreRequest, decode, decode_batch
from tenants.refusals import Refusal
from tests.documents import EVENT
from tests.factories import World
from tests.scoring.api.test_anything import anything, batch, single
from tests.scoring.conftest import recorded

NOW = 1_795_464_361_500_000
HOURS = st.sampled_from([20, 20.0, -1, 24, 2**53, 2**64, 10**400, True, None, "20", 1.5])
amounts = st.builds(lambda hour, amount: EVENT | {"hour": hour, "amount": amount}, HOURS, st.integers() | st.floats())
one = single | st.builds(lambda features: {"intent": "card-payments", "features": features}, amounts)
many = batch | st.builds(
    lambda rows: {"intent": "card-payments", "events": [{"features": each} for each in rows]},
    st.lists(amounts, max_size=3),
)
other = st.sampled_from(["nothing", 'a"b', "card-payments "]).map(lambda name: {"intent": name, "features": EVENT})


@pytest.fixture
def key(world: World, process: Serving, monkeypatch: pytest.MonkeyPatch) -> Key:
    monkeypatch.setattr("scoring.serving.service._now", lambda: NOW)
    monkeypatch.setattr("scoring.serving.service.uuid7", lambda at: f"made-at-{at}")
    monkeypatch.setattr("scoring.serving.batch.uuid7s", lambda times: [f"made-at-{at}" for at in times])
    return process.service.authenticate({"HTTP_AUTHORIZATION": f"Bearer {world.token}"})


def outcome(process: Serving, score: Any) -> Any:
    """The answer, or the refusal, and what was recorded."""
    before = len(recorded(process))
    try:
        found = score()
    except Refusal as refusal:
        found = type(refusal), str(refusal), refusal.title, refusal.faults
    return found, recorded(process)[before:]


def test_score_json__any_event__is_answered_as_when_it_is_read_in_any_way(process: Serving, key: Key) -> None:
    @settings(suppress_health_check=[HealthCheck.too_slow])
    @given(st.one_of(one, other, anything))
    def check(sent: Any) -> None:
        body, service = json.dumps(sent).encode(), process.service
        alone = outcome(process, lambda: service.score(key, decode(body, ScoreRequest)))
        assert outcome(process, lambda: service.score_json(key, body)) == alone

    check()


def test_score_batch_json__any_batch__is_answered_as_when_it_is_read_in_any_way(process: Serving, key: Key) -> None:
    @settings(suppress_health_check=[HealthCheck.too_slow])
    @given(st.one_of(many, anything))
    def check(sent: Any) -> None:
        body, service = json.dumps(sent).encode(), process.service
        alone = outcome(process, lambda: service.score_batch(key, *decode_batch(body)))
        assert outcome(process, lambda: service.score_batch_json(key, body)) == alone

    check()


@pytest.mark.parametrize(
    ("text", "is_plain"),
    [
        ('{"intent": "card-payments", "features": %s}', True),
        (' {\n"intent":"card-payments","features":%s, "context": {"channel": "web"}, "event_id": "e"}', True),
        ('{"features": %s, "intent": "card-payments"}', False),  # read in any way
        ('{"intent": "card-payments", "features": %s, "intent": "other"}', False),
        ('{"intent": "nothing", "features": %s}', False),
        ('{"intent": "card-payments", "features": %s', False),
    ],
)
def test_read_one__intent_first_and_features_of_its_schema__is_plain(
    process: Serving, key: Key, text: str, is_plain: bool
) -> None:
    body = (text % json.dumps(EVENT)).encode()
    found = plain.read_one(body, process.state.held.releases[key.tenant])
    assert (found is not None and isinstance(found.features, msgspec.Struct)) == is_plain
