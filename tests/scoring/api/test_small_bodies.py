"""A small body never makes a large answer or fills the memory of a scoring process, whatever is in it."""

import json
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pyarrow as pa
import pytest
from django.test import Client

from scoring.api.media import ARROW, JSON, NDJSON
from scoring.engine import document
from scoring.engine.context import ContextSchema
from scoring.engine.faults import Faults
from scoring.engine.features import FeatureEncoder
from tests.documents import EVENT
from tests.factories import World
from tests.scoring.api.test_errors import fields
from tests.scoring.api.test_kinds import INTENT, as_stream, body_of, documented, post, results

__all__ = ["documented"]

MANY = 300
WIDE = FeatureEncoder([document.Feature(f"feature-{place}", "number") for place in range(MANY)])


@contextmanager
def within(bytes_more: int) -> Iterator[None]:
    """What is done in it takes no more memory at any time."""
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        yield
        assert tracemalloc.get_traced_memory()[1] - before < bytes_more
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("below", ["features", "context"])
def test_arrow__thousands_of_columns_of_nulls_that_nobody_has__are_refused_without_filling_the_memory(
    client: Client, documented: World, below: str
) -> None:
    columns = {f"{below}.{place}": pa.nulls(10_000) for place in range(3_000)}
    body = as_stream(pa.table({"intent": pa.array([INTENT] * 10_000).dictionary_encode(), **columns}))
    with within(100_000_000):  # arrays of them take 270
        named = [each for each in fields(post(client, documented, body, ARROW)) if each in columns]
    assert len(named) == 20


@pytest.mark.parametrize("kind", [JSON, NDJSON])
def test_batch__of_events_with_very_many_faults__tells_some_of_each(
    client: Client, documented: World, kind: str
) -> None:
    odd: dict[str, Any] = {str(place): 1 for place in range(1_000)}
    events = [{"features": EVENT | odd}, {"features": EVENT, "context": odd}]
    _, found = results(post(client, documented, body_of(kind, events), kind))
    assert [len(each["errors"]) for each in found] == [20, 20]


@pytest.mark.parametrize("row", [{}, dict.fromkeys(WIDE.names, "x"), dict.fromkeys(map(str, range(MANY)), 1)])
def test_batch__each_event_of_which_lacks_all__tells_some_of_each(row: dict[str, Any]) -> None:
    _, faults = WIDE.many([row, row])
    assert [len(each) for each in faults.values()] == [20, 20]
    assert len(json.dumps(faults)) < 50_000


def test_names__of_very_many_features_and_attributes__are_not_all_told() -> None:
    with pytest.raises(Faults) as refused:
        WIDE.one(dict.fromkeys(WIDE.names, 1.0) | {"x": 1.0})
    assert refused.value.faults[0]["expected"].endswith("feature-19, …")
    attributes = [document.ContextAttribute(f"attribute-{place}") for place in range(MANY)]
    assert ContextSchema(attributes).faults({"x": 1})[0]["expected"].endswith("attribute-19, …")
