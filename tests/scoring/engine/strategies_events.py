"""Strategies for feature schemas, and events that fit them or don't."""

from typing import Any

from hypothesis import strategies as st

from scoring.engine import document

NAMES = ("a", "b", "c", "d", "e")
_anything = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(min_value=-3, max_value=3),
    st.just(10**400),
    st.floats(),
    st.text(max_size=3),
    st.sampled_from(["x", "y", "z"]),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=2), st.integers(), max_size=1),
)


@st.composite
def features(draw: st.DrawFn, name: str) -> document.Feature:
    kind = draw(st.sampled_from(["number", "integer", "boolean", "category"]))
    bounds = sorted(draw(st.lists(st.integers(-100, 100), min_size=2, max_size=2)))
    numeric = kind in ("number", "integer")
    return document.Feature(
        name=name,
        type=kind,
        required=draw(st.booleans()),
        nullable=draw(st.booleans()),
        minimum=float(bounds[0]) if numeric and draw(st.booleans()) else None,
        maximum=float(bounds[1]) if numeric and draw(st.booleans()) else None,
        categories=("x", "y", "z") if kind == "category" else (),
    )


@st.composite
def schemas(draw: st.DrawFn) -> tuple[document.Feature, ...]:
    count = draw(st.integers(1, len(NAMES)))
    return tuple(draw(features(name)) for name in NAMES[:count])


def good_value(feature: document.Feature) -> st.SearchStrategy[Any]:
    low = -50 if feature.minimum is None else int(feature.minimum)
    high = max(low, 50) if feature.maximum is None else int(feature.maximum)
    low = min(low, high)
    values: dict[str, st.SearchStrategy[Any]] = {
        "number": st.one_of(st.integers(low, high), st.floats(low, high)),
        "integer": st.one_of(st.integers(low, high), st.integers(low, high).map(float)),
        "boolean": st.booleans(),
        "category": st.sampled_from(["x", "y", "z"]),
    }
    return st.one_of(st.none(), values[feature.type]) if feature.nullable else values[feature.type]


@st.composite
def good_events(draw: st.DrawFn, schema: tuple[document.Feature, ...]) -> dict[str, Any]:
    sent = [feature for feature in schema if feature.required or draw(st.booleans())]
    return {feature.name: draw(good_value(feature)) for feature in sent}


@st.composite
def any_events(draw: st.DrawFn, schema: tuple[document.Feature, ...]) -> dict[str, Any]:
    """Mostly good events with some values, or names, that are not."""
    event = draw(good_events(schema))
    for name in draw(st.lists(st.sampled_from([*NAMES, "unknown"]), max_size=2)):
        event[name] = draw(_anything)
    for name in draw(st.lists(st.sampled_from(NAMES), max_size=1)):
        event.pop(name, None)
    return event
