import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenants import secrets


@pytest.mark.parametrize("kind", [secrets.KEY, secrets.TOKEN])
def test_make__a_key__can_be_split_and_matches_its_hash(kind: str) -> None:
    credential = secrets.make(kind)
    parts = secrets.split(credential.text)
    assert parts is not None
    assert (parts.kind, parts.prefix) == (kind, credential.prefix)
    assert secrets.matches(parts.secret, credential.secret_hash)
    assert re.fullmatch(rf"{kind}_[A-Za-z0-9]{{12}}_[A-Za-z0-9]{{43}}", credential.text)


def test_make__hash__does_not_hold_the_secret() -> None:
    credential = secrets.make(secrets.KEY)
    assert re.fullmatch("[0-9a-f]{64}", credential.secret_hash)
    assert credential.text.rpartition("_")[2] not in credential.secret_hash


def test_make__twice__gives_different_secrets() -> None:
    assert len({secrets.make(secrets.KEY) for _ in range(100)}) == 100


@pytest.mark.parametrize(
    "text",
    [
        "",
        "muse",
        "muse_a",
        "muse__",
        "muse_a_",
        "muse__b",
        "muse_a_b_c",
        "other_a_b",
        "MUSE_a_b",
        "muse_ä_b",
        "muse_a_b ",
    ],
)
def test_split__something_else__is_none(text: str) -> None:
    assert secrets.split(text) is None


@given(st.text())
def test_split__any_text__does_not_fail(text: str) -> None:
    parts = secrets.split(text)
    assert parts is None or "_".join(parts) == text


@given(st.text())
def test_matches__another_secret__is_false(guess: str) -> None:
    credential = secrets.make(secrets.KEY)
    assert not secrets.matches(guess, credential.secret_hash)
