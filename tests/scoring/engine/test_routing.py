"""Routing: which route an event takes."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.engine.context import ContextSchema
from scoring.engine.document import Condition, ContextAttribute, Route, Target
from scoring.engine.faults import Faults
from scoring.engine.routing import first_match, holds

LIVE = Target("p@1", 1)
scalars = st.one_of(st.booleans(), st.integers(-3, 3), st.floats(-3, 3), st.sampled_from(["web", "shop"]))
conditions = st.builds(
    Condition,
    attribute=st.just("a"),
    any_of=st.lists(scalars, max_size=2).map(tuple),
    none_of=st.lists(scalars, max_size=2).map(tuple),
    minimum=st.none() | st.floats(-3, 3),
    maximum=st.none() | st.floats(-3, 3),
)


@pytest.mark.parametrize(
    ("condition", "context", "expected"),
    [
        (Condition("a", any_of=("web",)), {"a": "web"}, True),
        (Condition("a", any_of=("web",)), {"a": "shop"}, False),
        (Condition("a", any_of=("web",)), {}, False),
        (Condition("a", none_of=("web",)), {"a": "shop"}, True),
        (Condition("a", none_of=("web",)), {"a": "web"}, False),
        (Condition("a", none_of=("web",)), {}, True),
        (Condition("a", none_of=("web",), minimum=1), {}, False),
        (Condition("a", any_of=("web", "shop"), none_of=("shop",)), {"a": "shop"}, False),
        (Condition("a", minimum=1, maximum=2), {"a": 1}, True),
        (Condition("a", minimum=1, maximum=2), {"a": 2.0}, True),
        (Condition("a", minimum=1, maximum=2), {"a": 2.1}, False),
        (Condition("a", minimum=1), {}, False),
        (Condition("a", minimum=0), {"a": True}, False),
        (Condition("a", any_of=(1,)), {"a": True}, False),
        (Condition("a", any_of=(True,)), {"a": True}, True),
        (Condition("a", any_of=(1,)), {"a": 1.0}, True),
        (Condition("a"), {"a": "anything"}, True),
    ],
)
def test_holds__condition__as_documented(condition: Condition, context: dict[str, Any], expected: bool) -> None:
    assert holds(condition, context) is expected


@given(st.lists(st.lists(conditions, max_size=2), max_size=4), st.none() | scalars)
def test_first_match__any_routes__is_the_first_that_holds(drawn: list[list[Condition]], value: Any) -> None:
    context = {} if value is None else {"a": value}
    routes = [Route(str(place), LIVE, when=tuple(when)) for place, when in enumerate(drawn)] + [Route("rest", LIVE)]
    found = first_match(routes, context)
    assert all(holds(condition, context) for condition in found.when)
    for earlier in routes[: routes.index(found)]:
        assert not all(holds(condition, context) for condition in earlier.when)


def test_first_match__nothing_fits__is_an_error() -> None:
    with pytest.raises(LookupError):
        first_match([Route("web", LIVE, when=(Condition("a", any_of=("web",)),))], {})


@pytest.mark.parametrize(
    ("context", "field"),
    [
        ({"a": "food", "n": 1}, "context.a"),
        ({"a": None, "n": 1}, "context.a"),
        ({"a": "web"}, "context.n"),
        ({"n": float("nan")}, "context.n"),
        ({"n": True}, "context.n"),
        ({"n": 1, "b": 1}, "context.b"),
        ({"n": 1, "x": 1}, "context.x"),
    ],
)
def test_context__not_in_schema__is_refused(context: dict[str, Any], field: str) -> None:
    schema = ContextSchema(
        [
            ContextAttribute("a", values=("web", "shop")),
            ContextAttribute("n", type="number", required=True),
            ContextAttribute("b", type="boolean"),
        ]
    )
    schema.check({"a": "web", "n": 1, "b": True})
    with pytest.raises(Faults) as raised:
        schema.check(context)
    assert [each["field"] for each in raised.value.faults] == [field]
