"""The small parts of a scoring process: ids, quotas, keys, records, model files."""

import json
import re
import uuid
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from scoring.engine import document
from scoring.engine.onnx_model import ModelError
from scoring.queue.record import EventRecord, decode
from scoring.serving import metrics
from scoring.serving.keyring import Key, Keyring
from scoring.serving.quotas import Bucket, Quotas
from scoring.serving.recording import EventRecorder
from scoring.serving.requests import Event
from scoring.serving.uuid7 import uuid7
from scoring.store import artifacts
from tenants import secrets
from tests.documents import parity_of, sigmoid_onnx

CONTENT = sigmoid_onnx([0.5, -0.25], 0.1)


@given(st.integers(0, 2**48 * 1000 - 1))
def test_uuid7__any_time__is_of_that_version_and_millisecond(microseconds: int) -> None:
    identifier = uuid.UUID(uuid7(microseconds))
    assert (identifier.version, identifier.variant) == (7, uuid.RFC_4122)
    assert identifier.int >> 80 == microseconds // 1000
    assert uuid7(microseconds) != str(identifier)


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_bucket__steady_use_at_its_rate__always_passes() -> None:
    clock = Clock()
    bucket = Bucket(10.0, clock)
    for _ in range(1000):
        assert bucket.take(1) == 0.0
        clock.now += 0.1001


@given(st.floats(0.1, 1000), st.lists(st.tuples(st.integers(1, 5000), st.floats(0, 3)), max_size=50))
def test_bucket__any_use__never_more_than_rate_and_one_second_and_one_batch(
    rate: float, steps: list[tuple[int, float]]
) -> None:
    clock = Clock()
    bucket = Bucket(rate, clock)
    passed, largest = 0, 0
    for events, pause in steps:
        if bucket.take(events) == 0.0:
            passed, largest = passed + events, max(largest, events)
        clock.now += pause
    assert passed <= (clock.now - 100.0) * rate + max(rate, 1.0) + largest + 1e-6


@given(st.floats(0.1, 1000), st.integers(1, 5000))
def test_bucket__after_the_wait_that_it_asked_for__passes(rate: float, events: int) -> None:
    clock = Clock()
    bucket = Bucket(rate, clock)
    while (wait := bucket.take(events)) == 0.0:
        pass
    clock.now += wait * (1 + 1e-9) + 1e-9
    assert bucket.take(events) == 0.0


def test_quotas__tenant_without_one__is_never_held_up() -> None:
    quotas = Quotas(share=2)
    quotas.set({1: None, 2: 2, 3: 0})
    assert quotas.take(1, 10**9) == 0.0
    assert quotas.take(4, 10**9) == 0.0
    assert quotas.take(2, 1) == 0.0
    assert quotas.take(2, 1) > 0.0
    quotas.set({2: 2})  # the same again: what was used stays used
    assert quotas.take(2, 1) > 0.0


@given(st.floats(0.1, 1000), st.lists(st.tuples(st.integers(1, 50), st.floats(0, 1)), max_size=50))
def test_bucket__what_it_says_is_left__passes_and_one_more_does_not(
    rate: float, steps: list[tuple[int, float]]
) -> None:
    clock = Clock()
    bucket = Bucket(rate, clock)
    for events, pause in steps:
        bucket.take(events)
        clock.now += pause
    left, seconds = bucket.left()
    assert left == 0 or bucket.take(left) == 0.0
    assert bucket.take(1) > 0.0
    clock.now += seconds + 1 / rate * (left + 1) + 1.0
    assert bucket.left() == (int(max(rate, 1.0)), 0)


def test_quotas__headers__say_the_whole_quota_and_what_is_left_of_this_process_part() -> None:
    quotas = Quotas(2, Clock())
    quotas.set({1: None, 2: 100})
    assert quotas.take(2, 20) == 0.0
    assert quotas.headers(2) == [
        ("RateLimit-Policy", '"tenant-second";q=100;w=1'),
        ("RateLimit", '"tenant-second";r=30;t=1'),
    ]
    assert quotas.headers(1) == quotas.headers(3) == []


def test_quotas__of_keys__are_their_own_and_within_their_tenants() -> None:
    quotas = Quotas(1, Clock())
    quotas.set({1: 100}, {11: 10, 12: 10, 13: None})
    assert quotas.take(1, 30, 11) == 0.0
    assert quotas.take(1, 1, 11) > 0.0
    assert str(quotas.in_the_way(1, 1, 11)) == "The key's quota of 10 events a second"
    assert quotas.take(1, 10, 12) == 0.0
    assert quotas.take(1, 200, 13) > 0.0  # of a hundred, forty are used by the others
    assert str(quotas.in_the_way(1, 200, 13)) == "The tenant's quota of 100 events a second"
    quotas.set({1: 100}, {11: 10, 12: 20})  # the one as it was, the other another
    assert quotas.take(1, 1, 11) > 0.0
    assert quotas.take(1, 20, 12) == 0.0


def test_quotas__refused_by_the_key__takes_nothing_of_the_tenants() -> None:
    quotas = Quotas(1, Clock())
    quotas.set({1: 1}, {11: 1})
    assert quotas.take(1, 1_000_000, 11) == 0.0
    quotas.set({1: 2}, {11: 1})  # the tenant's is full again
    assert quotas.take(1, 2, 11) > 0.0
    assert quotas.take(1, 2, 12) == 0.0


def test_quotas__headers__name_both_where_both_are_set() -> None:
    quotas = Quotas(1, Clock())
    quotas.set({1: 100}, {11: 10})
    names = [re.findall(r'"([a-z-]+)"', value) for _, value in quotas.headers(1, 11)]
    assert names == [["tenant-second", "key-second"]] * 2
    assert quotas.headers(2, 11)[0] == ("RateLimit-Policy", '"key-second";q=10;w=1')
    assert quotas.headers(2, 12) == []


def test_quotas__of_processes_that_share_one__are_together_no_more_than_it() -> None:
    processes = [Quotas(2, Clock()), Quotas(2, Clock())]
    for each in processes:
        each.set({1: 20}, {11: 4})
        assert each.take(1, 2, 11) == 0.0
        assert each.take(1, 2, 11) > 0.0
        assert each.take(1, 8, 12) == 0.0
        assert each.take(1, 10, 12) > 0.0


@pytest.mark.parametrize("seconds", [[], [0.0], [0.0005, 0.00051, 0.003, 1.0, 5.0, 6.0, 1e9]])
def test_histogram__many_at_once__counts_as_one_by_one(seconds: list[float]) -> None:
    counted = [metrics.ManyAtOnce("test_seconds", "x", buckets=(0.0005, 1.0, 5.0), registry=None) for _ in range(2)]
    counted[0].observe_all(seconds)
    for each in seconds:
        counted[1].observe(each)
    found, expected = ([(s.name, s.labels, s.value) for s in next(iter(each.collect())).samples] for each in counted)
    assert [each[:2] for each in found] == [each[:2] for each in expected]
    kept = [place for place, (name, _, _) in enumerate(found) if not name.endswith("_created")]
    assert [found[place][2] for place in kept] == pytest.approx([expected[place][2] for place in kept])


def test_keyring__key_by_text__is_found_until_it_ends() -> None:
    secret = secrets.make(secrets.KEY)
    key = Key(1, 7, secret.prefix, secret.secret_hash, ("score",), ends_at=50.0)
    keyring = Keyring([key])
    assert keyring.find(secret.text, 49.9) == key
    assert keyring.find(secret.text, 50.0) is None
    for wrong in ("", "muse_", secret.text[:-1], secret.text.replace("muse_", "musep_"), f"muse_{secret.prefix}_é"):
        assert keyring.find(wrong, 0.0) is None


def test_recorder__integers_beyond_64_bits__are_kept_as_floats() -> None:
    key = Key(1, 7, "p", "h", ("score",))
    event = Event(features={"big": 10**30, "low": -(2**63) - 1, "small": 7, "flag": True}, context={"n": 2**64})
    record = decode(EventRecorder(key, "i", 1, 5).of("all", "p@1", 1)(event, "e", 4, [0.5], 0.5, 0.5))
    assert isinstance(record, EventRecord)
    assert record.features == {"big": 1e30, "low": -(2.0**63), "small": 7, "flag": True}
    assert record.context == {"n": 2.0**64}


@pytest.fixture
def files(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def test_artifacts__stored_twice__is_one_file_and_loads(files: Path) -> None:
    parity = parity_of(CONTENT, 2)
    digest = artifacts.store(CONTENT, parity)
    assert artifacts.store(CONTENT, parity) == digest
    assert sorted(path.name for path in files.glob("models/*")) == [f"{digest}.onnx", f"{digest}.parity.json"]
    assert artifacts.load(digest) == (CONTENT, parity)


def test_artifacts__damaged_file__is_refused_and_storing_repairs_it(files: Path) -> None:
    parity = parity_of(CONTENT, 2)
    digest = artifacts.store(CONTENT, parity)
    (files / "models" / f"{digest}.onnx").write_bytes(CONTENT[:-5])
    with pytest.raises(artifacts.ArtifactError, match="damaged"):
        artifacts.load(digest)
    artifacts.store(CONTENT, parity)
    assert artifacts.load(digest)[0] == CONTENT


def test_artifacts__missing_file__is_refused(files: Path) -> None:
    with pytest.raises(artifacts.ArtifactError, match="not in the storage"):
        artifacts.load("0" * 64)


def test_sessions__same_digest__is_shared_and_dropped_when_unused(files: Path) -> None:
    digest = artifacts.store(CONTENT, parity_of(CONTENT, 2))
    sessions = artifacts.ModelSessions()
    first = sessions.load(document.Model(digest, ("a", "b")))
    assert sessions.load(document.Model(digest, ("c", "d"))) is first
    del first
    assert len(sessions) == 0


def test_sessions__other_probabilities_than_registered__does_not_load(files: Path) -> None:
    parity = parity_of(CONTENT, 2)
    digest = artifacts.store(CONTENT, {**parity, "outputs": [value + 1e-4 for value in parity["outputs"]]})
    with pytest.raises(ModelError, match="other probabilities"):
        artifacts.ModelSessions().load(document.Model(digest, ("a", "b")))
    assert json.loads((files / "models" / f"{digest}.parity.json").read_text())["inputs"] == parity["inputs"]
