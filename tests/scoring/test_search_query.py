"""What somebody looks for among events, read from texts."""

from datetime import UTC, datetime

import pytest
from django.core.exceptions import ValidationError

from scoring.api import events
from scoring.search import EventQuery, read_event_query, read_hints
from tenants.refusals import messages_by_field


def refused(**texts: str) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as error:
        read_event_query(texts)
    return messages_by_field(error.value)


def test_query__of_texts__is_a_value() -> None:
    texts = {
        "since": "2026-11-25",
        "until": "2026-11-25",
        "min_score": "0.5",
        "release": "7",
        "context": "a=b",
        "id": "",
    }
    assert read_event_query(texts) == EventQuery(
        since=datetime(2026, 11, 25, tzinfo=UTC),
        until=datetime(2026, 11, 26, tzinfo=UTC),
        min_score=0.5,
        release=7,
        context=("a", "b"),
    )


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("min_score", "nan", "A valid number"),
        ("min_score", "2", "less than or equal to 1"),
        ("release", "0", "greater than or equal to 1"),
        ("release", "9" * 5000, "A valid integer"),
        ("release", "9" * 400, "A valid integer"),
        ("since", "yesterday", "expected a day or a moment"),
        ("since", "2026-13-40", "expected a day or a moment"),
        ("until", "0001-01-01", "expected a time from 1900"),
        ("until", "9999-12-31T23:59:59-23:00", "expected a time from 1900"),
        ("label", "maybe", "expected one of positive"),
        ("older_than", "x", "what an answer has given"),
        ("scroe", "1", "no such field; there are intent"),
    ],
)
def test_query__bad_text__is_said_at_its_field(name: str, text: str, message: str) -> None:
    found = refused(**{name: text})
    assert list(found) == [name]
    assert message in found[name][0]


@pytest.mark.parametrize(
    ("name", "text"), [("min_score", "x"), ("min_score", "nan"), ("max_score", "2"), ("release", "x"), ("release", "0")]
)
def test_query__bad_number__is_said_as_rest_says_it(name: str, text: str) -> None:
    rest = events.EventQuery(data={name: text})
    assert not rest.is_valid()
    (message,) = refused(**{name: text})[name]
    assert rest.errors[name] in (message, [message])


def test_query__more_than_one_fault__has_all() -> None:
    assert set(refused(min_score="x", release="y", scroe="1")) == {"min_score", "release", "scroe"}


def test_query__beyond_its_other_end__names_it_as_whoever_asks_knows_it() -> None:
    texts = {"min_score": "0.8", "max_score": "0.2"}
    assert refused(**texts) == {"max_score": ["expected what is not below min_score"]}
    with pytest.raises(ValidationError, match="expected what is not below “Score from”"):
        read_event_query(texts, {"min_score": "“Score from”"})


def test_hints__any_of_them_bad__are_none() -> None:
    assert read_hints({"intent": "cards", "other": "x"}) == {"intent": "cards"}
    assert read_hints({"intent": "cards", "day": "soon"}) == {}
