"""Events column by column: nothing is lost or moved on the way."""

from hypothesis import given
from hypothesis import strategies as st

from scoring.engine import document
from scoring.lake import events
from scoring.lake.events import Events, arrays, places_of
from tests.scoring.eventlog import event, ids

FEATURES = (document.Feature("x"), document.Feature("kind", type="category", categories=("a", "b")))


def test_arrays__more_than_a_portion_with_values_not_sent__has_null_there() -> None:
    sent = [{"x": float(number), "kind": "a"} for number in range(2 * events.PORTION + 1)]
    del sent[events.PORTION]["kind"]
    found = arrays("feature", FEATURES, sent)
    assert found["x"].to_pylist() == [float(number) for number in range(len(sent))]
    assert found["kind"].to_pylist() == [*["a"] * events.PORTION, None, *["a"] * events.PORTION]


@given(st.lists(st.sampled_from("abc"), max_size=20))
def test_places_of__any_keys__has_each_place_once_under_its_key(keys: list[str]) -> None:
    found = places_of(keys, len(keys))
    assert {key: places.tolist() for key, places in found.items()} == {
        key: [place for place, each in enumerate(keys) if each == key] for key in keys
    }


def test_only__some_of_the_events__has_all_their_fields_in_order() -> None:
    records = [event(name, score=number / 8) for number, name in enumerate(ids(4))]
    some = Events.of(records).only(Events.of(records).score > 0.2)
    expected = Events.of(records[2:])
    assert (some.event_id, some.score.tolist(), some.features) == (
        expected.event_id, expected.score.tolist(), expected.features,
    )  # fmt: skip
