"""Events by routes: SQL says what routing says."""

from itertools import product
from typing import Any

import duckdb
import pytest

from scoring.engine.document import Condition, ContextAttribute, Intent, Route, Target
from scoring.engine.routing import first_match
from scoring.lake.routed import Routed

CONTEXT = (ContextAttribute("c"), ContextAttribute("n", "number"), ContextAttribute("b", "boolean"))
EVENTS = [
    {name: value for name, value in zip("cnb", values, strict=True) if value is not None}
    for values in product((None, "web", "app", "1"), (None, 0.0, 1.0, 2.5), (None, True, False))
]
CONDITIONS = [
    Condition("c", any_of=("web", 1)),
    Condition("c", none_of=("web",)),
    Condition("c", any_of=("web", "app"), none_of=("app",)),
    Condition("c", none_of=("web",), minimum=0.0),
    Condition("c", any_of=(True,)),
    Condition("c", none_of=(1,)),
    Condition("n", any_of=(1, 2.5, True)),
    Condition("n", minimum=1.0),
    Condition("n", minimum=0.0, maximum=1.0, none_of=(0,)),
    Condition("n", none_of=(1, "1")),
    Condition("b", any_of=(True,)),
    Condition("b", none_of=(True, 0)),
    Condition("b", any_of=(1,)),
    Condition("b", maximum=1.0),
]


def column(name: str, kind: str) -> str:
    return f'"{name}"'


def selected(intent: Intent, names: set[str]) -> list[dict[str, Any]]:
    condition, values = Routed(intent, frozenset(names)).condition(column)
    found = []
    for event in EVENTS:
        row = [event.get(name) for name in "cnb"]
        source = "SELECT $c::VARCHAR AS c, $n::DOUBLE AS n, $b::BOOLEAN AS b"
        sql = f"SELECT {condition} FROM ({source})"
        if duckdb.execute(sql, values | dict(zip("cnb", row, strict=True))).fetchall() == [(True,)]:
            found.append(event)
    return found


@pytest.mark.parametrize("first", CONDITIONS)
def test_routed__conditions_of_each_kind__takes_the_events_that_routing_gives(first: Condition) -> None:
    target, second = Target("cards@1", 1), Condition("n", minimum=1.0)
    routes = (Route("both", target, (first, second)), Route("one", target, (first,)), Route("rest", target))
    intent = Intent((), routes, CONTEXT)
    for names in ({"both"}, {"one"}, {"rest"}, {"both", "rest"}):
        expected = [event for event in EVENTS if first_match(routes, event).name in names]
        assert selected(intent, names) == expected


def test_routed__attribute_that_was_never_recorded__is_missing() -> None:
    target = Target("cards@1", 1)
    intent = Intent((), (Route("web", target, (Condition("c", any_of=("web",)),)), Route("rest", target)), CONTEXT)
    condition, values = Routed(intent, frozenset({"rest"})).condition(lambda name, kind: "NULL")
    assert duckdb.execute(f"SELECT {condition}", values).fetchall() == [(True,)]
