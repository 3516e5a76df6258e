"""Bodies that are JSON in name only, or barely: what is wrong is said at its place, and fails nothing else."""

import gzip
import json
from typing import Any

import pytest
import zstandard
from django.test import Client

from scoring.serving.process import Serving
from tests.documents import EVENT
from tests.factories import World
from tests.scoring.api.test_errors import BATCH, GOOD, LABELS, fields, problem, send
from tests.scoring.conftest import recorded

MANY = "1" + "0" * 5_000
ODD = {
    "NaN": "a finite number", "1e400": "a finite number", '"\\ud800"': "half of one", MANY: "within ±1.8e+308",
}  # fmt: skip

COMPRESSED: dict[str, Any] = {"gzip": gzip.compress, "zstd": zstandard.compress}


@pytest.mark.parametrize(("odd", "message"), ODD.items())
def test_batch__odd_value_in_one_event__fails_that_event_alone(
    client: Client, world: World, process: Serving, odd: str, message: str
) -> None:
    events = [GOOD["features"], EVENT | {"amount": "ODD"}, EVENT]
    content = json.dumps({"intent": "card-payments", "events": [{"features": each} for each in events]})
    answer = send(client, world.token, content.replace('"ODD"', odd), "batch")
    assert answer.status_code == 200, answer.content
    first, second, third = answer.json()["results"]
    assert first["score"] == third["score"] == send(client, world.token, GOOD).json()["score"]
    assert second["index"] == 1
    assert second["errors"][0]["field"] == "features.amount"
    assert message in second["errors"][0]["expected"]
    assert len(recorded(process)) == 3


def test_batch__odd_value_outside_of_its_events__is_422_naming_it(client: Client, world: World) -> None:
    content = json.dumps(BATCH | {"intent": "ODD"})
    for odd in ODD:
        assert "intent" in fields(send(client, world.token, content.replace('"ODD"', odd), "batch"))


@pytest.mark.parametrize(("odd", "message"), ODD.items())
def test_score_and_labels__odd_value__is_422_naming_the_field(
    client: Client, world: World, process: Serving, odd: str, message: str
) -> None:
    for url, content, field in (
        ("score", GOOD | {"features": EVENT | {"amount": "ODD"}}, "features.amount"),
        ("labels", {"labels": [LABELS["labels"][0] | {"label": "ODD"}]}, "labels[0].label"),
    ):
        found = fields(send(client, world.token, json.dumps(content).replace('"ODD"', odd), url))
        assert message in found[field]["expected"]
    assert recorded(process) == []


def test_score__half_a_character_in_a_name__is_422_showing_it_as_it_was_written(client: Client, world: World) -> None:
    content = '{"intent": "card-payments", "features": {"\\ud800": NaN}}'
    assert set(fields(send(client, world.token, content))) == {"features.\\ud800"}


@pytest.mark.parametrize(("url", "content"), [("score", GOOD), ("batch", BATCH), ("labels", LABELS)])
def test_body__with_a_byte_order_mark__is_read(client: Client, world: World, url: str, content: Any) -> None:
    body = json.dumps(content).encode()
    assert send(client, world.token, b"\xef\xbb\xbf" + body, url).status_code == 200
    problem(send(client, world.token, json.dumps(content).encode("utf-16"), url), 400)


@pytest.mark.parametrize("url", ["score", "batch", "labels"])
def test_body__of_an_unknown_compression__is_415_naming_the_header(client: Client, world: World, url: str) -> None:
    headers = {**world.authorization, "content-encoding": "br"}
    answer = send(client, world.token, b"\x1f\x8b\x08", url, headers=headers)
    assert fields(answer, 415)["Content-Encoding"] == {
        "field": "Content-Encoding",
        "expected": "one of gzip, zstd, or no such header",
        "found": "br",
    }


@pytest.mark.parametrize("encoding", ["gzip", "zstd", "GZip"])
@pytest.mark.parametrize(("url", "content"), [("score", GOOD), ("batch", BATCH), ("labels", LABELS)])
def test_body__compressed__is_read(client: Client, world: World, url: str, content: Any, encoding: str) -> None:
    headers = {**world.authorization, "content-encoding": encoding}
    body = COMPRESSED[encoding.lower()](json.dumps(content).encode())
    assert send(client, world.token, body, url, headers=headers).status_code == 200


@pytest.mark.parametrize("number", [2**53 + 1, -(2**53) - 1, 10**400])
def test_integer__that_would_be_rounded__is_refused_with_the_limit(
    client: Client, world: World, process: Serving, number: int
) -> None:
    _change(world, process, features=[{"name": "amount"}, {"name": "hour", "type": "integer"}])
    features = {"amount": 1.0, "hour": number}
    fault = fields(send(client, world.token, GOOD | {"features": features}))["features.hour"]
    assert "within ±9007199254740992" in fault["expected"]
    events = [{"features": features | {"hour": each}} for each in (2**53, number, -(2**53))]
    results = send(client, world.token, BATCH | {"events": events}, "batch").json()["results"]
    assert ["score" in each for each in results] == [True, False, True]
    assert results[1]["errors"] == [fault]


@pytest.mark.parametrize("number", [10**309, -(10**400)])
def test_context__number_beyond_any_float__fails_its_event_alone(
    client: Client, world: World, process: Serving, number: int
) -> None:
    _change(world, process, context=[{"name": "k", "type": "number"}])
    assert "context.k" in fields(send(client, world.token, GOOD | {"context": {"k": number}}))
    events = [{"features": EVENT, "context": {"k": each}} for each in (number, 10**300, 2**63, 2**64, -(2**63) - 1)]
    results = send(client, world.token, BATCH | {"events": events}, "batch").json()["results"]
    assert ["score" in each for each in results] == [False, True, True, True, True]
    assert results[0]["errors"][0]["field"] == "context.k"


def _change(world: World, process: Serving, **parts: Any) -> None:
    for name, value in parts.items():
        setattr(world.intent, name, value)
    world.publish()
    assert process.watcher.look()
