"""Documents of earlier schema versions: they say what they said, and score the same bits."""

import json

import msgspec
import pytest

from scoring.engine import document
from scoring.engine.compiled import CompiledRelease
from tests.documents import EVENT, as_version_1, simple


def test_decode__version_1__is_the_same_document_of_this_version() -> None:
    content = simple().build()
    assert document.decode(as_version_1(content)) == content


def test_decode__version_1__scores_the_same_bits() -> None:
    documents = simple()
    releases = [
        CompiledRelease(each, 1, documents.load_model)
        for each in (documents.build(), document.decode(as_version_1(documents.build())))
    ]
    for context in ({"channel": "web"}, {"channel": "shop"}):
        first, second = (release.score("card-payments", EVENT, context) for release in releases)
        assert first == second


def test_decode__version_1_with_two_files_of_one_name__keeps_them_apart() -> None:
    plain = json.loads(as_version_1(simple().build()))
    for model in plain["models"].values():
        model["name"] = "m@1"
    found = document.decode(json.dumps(plain))
    assert sorted(found.models) == sorted(plain["models"])


def test_from_plain__version_1__is_read_like_its_text() -> None:
    content = simple().build()
    assert document.from_plain(json.loads(as_version_1(content))) == content
    assert document.from_plain(msgspec.to_builtins(content)) == content


@pytest.mark.parametrize("version", [0, 3, "2", None])
def test_decode__version_that_is_none__is_refused(version: object) -> None:
    plain = msgspec.to_builtins(simple().build()) | {"schema_version": version}
    with pytest.raises(document.DocumentError, match="schema_version"):
        document.decode(json.dumps(plain))
    with pytest.raises(document.DocumentError, match="schema_version"):
        document.from_plain(plain)


def test_decode__version_1_with_a_fault__names_the_place() -> None:
    plain = json.loads(as_version_1(simple().build()))
    plain["predictors"]["cards@1"]["members"][0]["model"] = "0" * 64
    with pytest.raises(document.DocumentError, match=r"predictors\.cards@1: model 0+ is not in models"):
        document.decode(json.dumps(plain))
    plain["models"] = []
    with pytest.raises(document.DocumentError, match=r"models"):
        document.decode(json.dumps(plain))


def test_only__some_intents__keeps_what_they_are_served_with_and_nothing_else() -> None:
    documents = simple()
    documents.predictor("other@1", document.Member("small@1"))
    documents.transform(19)
    documents.intent("other", document.Route("all", document.Target("other@1", 19)))
    found = document.only(documents.build(), ["other"])
    assert (list(found.intents), list(found.predictors), list(found.transforms)) == (["other"], ["other@1"], ["19"])
    assert list(found.models) == ["small@1"]
    document.check(found)
