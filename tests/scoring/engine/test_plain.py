"""Features that are plainly right: read at once, they are what reading and checking each value gives."""

import json
import math
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.engine import document
from scoring.engine.features import FeatureEncoder
from scoring.engine.plain import PlainFeatures
from tests.documents import EVENT, FEATURES
from tests.scoring.engine.strategies_events import any_events, good_events, schemas
from tests.scoring.engine.test_features import bits, schema_and

Drawn = tuple[tuple[document.Feature, ...], list[dict[str, Any]]]


def read(plain: PlainFeatures, event: dict[str, Any]) -> Any:
    """The event as its type, from its JSON; None where it is refused."""
    try:
        return msgspec.json.decode(json.dumps(event), type=plain.type)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


@given(schema_and(any_events))
def test_plain__whatever_it_accepts__is_what_the_encoder_gives_and_the_log_keeps(drawn: Drawn) -> None:
    schema, events = drawn
    encoder, plain = FeatureEncoder(schema), PlainFeatures(schema)
    pairs = [(event, found) for event in events if (found := read(plain, event)) is not None]
    columns = plain.many([found for _, found in pairs])
    for row, (event, found) in enumerate(pairs):
        expected = {name: bits(value) for name, value in encoder.one(event).items()}
        assert {name: bits(value) for name, value in plain.one(found).items()} == expected
        assert {name: bits(columns[name][row]) for name in encoder.names} == expected
        assert msgspec.msgpack.decode(msgspec.msgpack.encode(found)) == event


@given(schema_and(good_events))
def test_plain__good_events__are_accepted(drawn: Drawn) -> None:
    schema, events = drawn
    plain = PlainFeatures(schema)
    assert all(read(plain, event) is not None for event in events)


@given(schemas(), st.floats(allow_nan=False, allow_infinity=False), st.booleans())
def test_plain__bounds_of_any_size__accept_no_more_than_the_encoder(
    schema: tuple[document.Feature, ...], bound: float, above: bool
) -> None:
    bounds = {"minimum": bound} if above else {"maximum": bound}
    schema = (*schema, document.Feature("bounded", **bounds))
    plain, encoder = PlainFeatures(schema), FeatureEncoder(schema)
    for value in (bound, math.nextafter(bound, -math.inf), math.nextafter(bound, math.inf), int(bound), 2**63):
        event = {feature.name: 1 for feature in schema} | {"bounded": value}
        if read(plain, event) is not None:
            encoder.one(event)


@pytest.mark.parametrize(
    "change",
    [{"amount": 1e7}, {"hour": 2.5}, {"hour": True}, {"foreign": 1}, {"kind": "x"}, {"kind": None}, {"other": 1}],
)
def test_plain__what_the_schema_does_not_allow__is_refused(change: dict[str, Any]) -> None:
    plain = PlainFeatures(FEATURES)
    assert read(plain, EVENT) is not None
    assert read(plain, EVENT | change) is None
    assert read(plain, {name: value for name, value in EVENT.items() if name != "amount"}) is None
