"""Batches cut into pieces: together they are what was cut, and no cut in a row or a string is taken for one between."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.serving.columnar import pieces as module
from scoring.serving.columnar.pieces import pieces

BEGIN = re.compile(rb'"rows"\s*:\s*\[')
LIKE_CUTS = st.sampled_from(["},{", "],[", "]}", '"rows":[', "\\", '"', '"},{"'])
values = st.recursive(
    LIKE_CUTS | st.integers(), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(LIKE_CUTS, inner, max_size=3)
)
LAYOUTS: list[dict[str, Any]] = [{}, {"indent": 1}, {"separators": (",", ":")}, {"sort_keys": True}]


@pytest.fixture(autouse=True)
def shortest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SHORT", 0)


@given(st.lists(values), st.sampled_from(LAYOUTS), st.booleans())
def test_pieces__that_can_all_be_read__are_the_batch(
    rows: list[Any], layout: dict[str, Any], intent_last: bool
) -> None:
    fields = [("intent", "card"), ("rows", rows)]
    found = pieces(json.dumps(dict(reversed(fields) if intent_last else fields), **layout).encode(), BEGIN)
    assert found is not None
    assert json.loads(found.frame) == {"intent": "card", "rows": []}
    try:
        read = [row for each in found.rows for row in json.loads(each)]
    except json.JSONDecodeError:  # one was cut elsewhere, which shows
        return
    assert read == rows


def test_pieces__of_plain_rows__are_many() -> None:
    body = json.dumps({"intent": "card", "rows": [{"features": {"amount": 1}}] * 3}).encode()
    found = pieces(body, BEGIN)
    assert found is not None
    assert len([*found.rows]) == 3


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"rows": 1}', b'{"rows": [}', b'{"intent": "card"}', b'"rows": [{}], "a": 1}']
)
def test_pieces__of_what_looks_like_no_batch__are_none(body: bytes) -> None:
    assert pieces(body, BEGIN) is None
