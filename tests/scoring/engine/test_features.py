"""Features: what is accepted, what it becomes, and that a batch does exactly what single events do."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.engine import document
from scoring.engine.faults import Faults
from scoring.engine.features import FeatureEncoder
from scoring.engine.given import Given
from tests.documents import EVENT, FEATURES
from tests.scoring.engine.strategies_events import any_events, good_events, schemas


def bits(value: float) -> bytes:
    return np.float64(value).tobytes() if not math.isnan(value) else b"nan"


@st.composite
def schema_and(draw: st.DrawFn, events: Any) -> tuple[tuple[document.Feature, ...], list[dict[str, Any]]]:
    schema = draw(schemas())
    return schema, draw(st.lists(events(schema), max_size=6))


@given(schema_and(any_events))
def test_many__any_events__encodes_and_refuses_as_one_does(
    drawn: tuple[tuple[document.Feature, ...], list[dict[str, Any]]],
) -> None:
    schema, events = drawn
    encoder = FeatureEncoder(schema)
    columns, faults = encoder.many(events)
    for row, event in enumerate(events):
        if row in faults:
            with pytest.raises(Faults) as refused:
                encoder.one(event)
            assert sorted(map(repr, refused.value.faults)) == sorted(map(repr, faults[row]))
            continue
        encoded = encoder.one(event)
        assert {name: bits(columns[name][row]) for name in encoder.names} == {
            name: bits(value) for name, value in encoded.items()
        }


@given(schema_and(good_events))
def test_many__good_events__has_no_faults(
    drawn: tuple[tuple[document.Feature, ...], list[dict[str, Any]]],
) -> None:
    schema, events = drawn
    columns, faults = FeatureEncoder(schema).many(events)
    assert faults == {}
    assert all(column.shape == (len(events),) and column.dtype == np.float64 for column in columns.values())


def as_arrays(values: list[Any]) -> Given:
    """These values, of one type, as arrays."""
    null = np.array([value is None for value in values], dtype=bool)
    names = tuple({value: None for value in values if isinstance(value, str)})
    if names:
        places = [len(names) if value is None else names.index(value) for value in values]
        return Given(np.array(places), null, names)
    there = next((value for value in values if value is not None), 0)
    nothing = type(there)(0)  # of their own type: booleans beside a number are numbers
    return Given(np.array([nothing if value is None else value for value in values]), null)


one_type: tuple[st.SearchStrategy[Any], ...] = (
    st.one_of(st.integers(-3, 3), st.sampled_from([2**53, 2**53 + 1, -(2**53) - 1, 2**63 - 1])),
    st.one_of(st.floats(), st.integers(-50, 50).map(float)),
    st.booleans(),
    st.sampled_from(["x", "y", "z", "", "else"]),
)


def columns_of(count: int) -> st.SearchStrategy[list[Any]]:
    return st.one_of([st.lists(st.none() | kind, min_size=count, max_size=count) for kind in one_type])


def alone(encoder: FeatureEncoder, event: dict[str, Any]) -> tuple[dict[str, float], list[Any]]:
    try:
        return encoder.one(event), []
    except Faults as refused:
        return {}, refused.faults


@given(schemas(), st.data())
def test_arrays__of_any_types__encodes_and_refuses_as_one_does(
    schema: tuple[document.Feature, ...], data: st.DataObject
) -> None:
    encoder, count = FeatureEncoder(schema), data.draw(st.integers(1, 5))
    names = data.draw(st.sets(st.sampled_from([*encoder.names, "unknown"])))
    sent = {name: data.draw(columns_of(count)) for name in sorted(names)}
    given = {name: as_arrays(values) for name, values in sent.items()}
    misfits = {each["field"].removeprefix("features.") for each in encoder.misfits(given)}
    columns, faults = ({}, {}) if misfits else encoder.arrays(given, count)
    not_sent = {each.name for each in schema if not each.nullable}
    for row in range(count):
        event = {name: values[row] for name, values in sent.items() if values[row] is not None or name not in not_sent}
        encoded, refused = alone(encoder, event)
        if misfits:  # of columns of another type, null alone could have been taken
            assert refused or all(event.get(name) is None for name in misfits)
            continue
        assert {each["field"] for each in refused} == {each["field"] for each in faults.get(row, [])}
        assert refused or {n: bits(columns[n][row]) for n in encoder.names} == {n: bits(v) for n, v in encoded.items()}


@given(schemas())
def test_sample__any_schema__is_within_it(schema: tuple[document.Feature, ...]) -> None:
    for feature, value in zip(schema, FeatureEncoder(schema).sample().values(), strict=True):
        assert feature.minimum is None or value >= feature.minimum
        assert feature.maximum is None or value <= feature.maximum


def test_one__every_type__becomes_float64() -> None:
    encoder = FeatureEncoder(FEATURES)
    assert encoder.one(EVENT) == {"amount": 57.16, "hour": 20.0, "foreign": 0.0, "kind": 1.0}
    assert encoder.one(EVENT | {"foreign": True, "hour": 3.0})["foreign"] == 1.0


def test_one__null_and_not_sent__become_nan_where_allowed() -> None:
    encoder = FeatureEncoder(FEATURES)
    encoded = encoder.one({"amount": 1, "hour": 2, "foreign": None})
    assert math.isnan(encoded["foreign"])
    assert math.isnan(encoded["kind"])
    with pytest.raises(Faults, match=r"features\.kind"):
        encoder.one(EVENT | {"kind": None})  # may be left out, but not null


@pytest.mark.parametrize("value", [2**53 + 2, -(2**53) - 2, 1e300, 0.5, math.inf, math.nan])
def test_one__integer_that_float64_cannot_hold_or_none__is_refused(value: float) -> None:
    with pytest.raises(Faults, match="a whole number"):
        FeatureEncoder([document.Feature("a", type="integer")]).one({"a": value})


def test_one__many_unknown_names__names_some() -> None:
    with pytest.raises(Faults) as raised:
        FeatureEncoder(FEATURES).one(EVENT | {f"n{number}": 1 for number in range(1000)})
    assert 1 <= len(raised.value.faults) <= 20


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("amount", np.array([1.5, math.nan]), [1.5, math.nan]),
        ("amount", [1, None], [1.0, math.nan]),
        ("hour", np.array([1, 2], dtype=np.int64), [1.0, 2.0]),
        ("foreign", np.array([True, None], dtype=object), [1.0, math.nan]),
        ("foreign", np.array([True, False]), [1.0, 0.0]),
        ("kind", np.array(["cash", None], dtype=object), [2.0, math.nan]),
        ("kind", [None, None], [math.nan, math.nan]),
    ],
)
def test_encode_column__recorded_values__are_encoded_with_null_as_nan(name: str, values: Any, expected: Any) -> None:
    np.testing.assert_array_equal(FeatureEncoder(FEATURES).encode_column(name, values), expected)


def test_encode_column__value_outside_schema__is_refused() -> None:
    with pytest.raises(Faults, match="one of goods"):
        FeatureEncoder(FEATURES).encode_column("kind", ["cash", "food"])
