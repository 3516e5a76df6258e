"""What an earlier version has recorded, published and been asked is all here, and goes on: for each kept data folder.

First what was, then what goes on: the tests below the line publish and score, in the order of this file.
"""

import hashlib
import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

import httpx
import psycopg
import pytest

from muse_site.driving.client import Json, Scoring
from tests.upgrade import folders
from tests.upgrade.conftest import Upgraded
from tests.upgrade.contents import NORTH, RIVER

pytestmark = pytest.mark.live

_MAY_END = {"django_session", "scoring_servingprocess"}  # a row for each process that runs
_SAME = (
    "intent", "occurred_at", "scored_at", "release", "route", "predictor", "context", "probability", "score", "label",
)  # fmt: skip


def test_rows__after_the_upgrade__none_is_lost(upgraded: Upgraded) -> None:
    now = folders.rows(upgraded.postgres)
    lost = {table: sorted(keys - now.get(table, set())) for table, keys in upgraded.rows.items()}
    assert {table: keys for table, keys in lost.items() if keys and table not in _MAY_END} == {}


def test_models__after_the_upgrade__have_their_checks_that_ended(upgraded: Upgraded) -> None:
    with psycopg.connect(upgraded.postgres.owner_url) as connection:
        found = connection.execute(
            "SELECT models.id, checks.state FROM models_app_modelversion AS models "
            "LEFT JOIN models_app_modelcheck AS checks ON checks.model_id = models.id"
        ).fetchall()
    assert {f"({key})" for key, _ in found} >= upgraded.rows["models_app_modelversion"] > set()
    assert {state for _, state in found} == {"succeeded"}


def test_releases__after_the_upgrade__have_their_numbers_texts_and_digests(upgraded: Upgraded) -> None:
    now = folders.texts(upgraded.postgres)
    for (slug, number), (digest, text) in upgraded.texts.items():
        which = f"release {number} of {slug}"
        assert now.get((slug, number)) == (digest, text), f"{which}: its text or digest is another"
        assert hashlib.sha256(text.encode()).hexdigest() == digest, f"{which}: its digest is not that of its text"
        shown = upgraded.admin.get(f"tenants/{slug}/releases/{number}")
        assert shown["digest"] == digest, f"{which}: REST tells digest {shown['digest']}"
        assert shown["document"] == json.loads(text), f"{which}: REST tells another document"


def test_lists__after_the_upgrade__tell_what_they_told(upgraded: Upgraded) -> None:
    for slug, earlier in upgraded.tenants.items():
        at = f"tenants/{slug}"
        releases = {each["number"]: each for each in upgraded.admin.pages(f"{at}/releases")}
        changes = {each["number"]: upgraded.admin.get(f"{at}/changes/{each['number']}") for each in earlier["changes"]}
        intents = {each["name"]: each for each in upgraded.admin.pages(f"{at}/intents")}
        for kind, key, now in (("releases", "number", releases), ("changes", "number", changes),
                               ("intents", "name", intents)):  # fmt: skip
            for each in earlier[kind]:
                _is_told_still(f"{slug}: {kind} {each[key]}", now[each[key]], each, but=("evidence",))
        for each in earlier["changes"]:
            evidence = upgraded.admin.get(f"{at}/changes/{each['number']}/evidence")
            assert evidence["digest"] == each["evidence"], f"{slug}: evidence of change request {each['number']}"
        counts = {name: sum(1 for _ in upgraded.admin.pages(f"{at}/{name}")) for name in earlier["lists"]}
        assert {name: count for name, count in counts.items() if count < earlier["lists"][name]} == {}, slug


def test_audit__after_the_upgrade__has_the_row_that_each_entry_is_about(upgraded: Upgraded) -> None:
    entries = list(upgraded.admin.pages("audit"))
    assert len(entries) > 50
    untold = [(each["act"], each["subject"]) for each in entries if not each["subject_type"]]
    assert untold == [], "entries that name no row"
    for slug, earlier in upgraded.tenants.items():
        of_changes = upgraded.admin.pages(f"tenants/{slug}/audit", subject_type="change-request")
        rows = {(each["subject"].partition(" of ")[0], each["subject_id"]) for each in of_changes}
        assert len(rows) == len(earlier["changes"]), f"{slug}: a row for each change request, {rows}"


def test_audit__after_the_upgrade__is_a_chain_that_verifies(upgraded: Upgraded) -> None:
    verified = folders.manage(upgraded.postgres.data_directory, "verify_audit")
    assert "are as they were written" in verified.stderr


def test_events__after_the_upgrade__are_found_and_recomputed(upgraded: Upgraded) -> None:
    for slug, earlier in upgraded.tenants.items():
        _are_as_recorded(upgraded, slug, earlier["events"])


def test_events__that_no_consumer_had_read__are_kept_once_and_explained(upgraded: Upgraded) -> None:
    for slug, answers in upgraded.said["unread"].items():
        for event_id, was, now in _explained(upgraded, slug, answers):
            which = f"event {event_id!r} of {slug}, which was in a segment"
            for name in ("intent", "release", "predictor", "probability", "score"):
                assert now[name] == was[name], f"{which}: {name}"
            assert now["recomputed"]["equal"] is True, f"{which}: {now['recomputed']}"
        counts = Counter(event["event_id"] for event in _listed(upgraded, slug))
        expected = {*answers, *upgraded.tenants[slug]["events"], *upgraded.tenants[slug]["listed"]}
        assert {each: counts[each] for each in expected if counts[each] != 1} == {}, f"{slug}: not listed once"


def test_events__that_the_earlier_version_could_only_list__are_listed_as_recorded(upgraded: Upgraded) -> None:
    for slug, earlier in upgraded.tenants.items():
        listed = {event["event_id"]: event for event in _listed(upgraded, slug)}
        for event_id, was in earlier["listed"].items():
            now = listed.get(event_id, {})
            for name in ("intent", "release", "predictor", "transform", "probability", "score"):
                assert now.get(name) == was[name], f"event {event_id!r} of {slug}: {name}"


def test_pages__of_what_was_there__answer(upgraded: Upgraded) -> None:
    address = upgraded.product.console
    with httpx.Client(base_url=address, timeout=60.0, follow_redirects=True, trust_env=False) as client:
        _log_in(client, upgraded.said["password"])
        for path in _paths(upgraded):
            answer = client.get(path)
            assert answer.status_code == 200, f"{path}: {answer.status_code}"


# ---- what goes on


def test_scoring__what_was_sent_before__gives_the_same_bits_and_is_kept(upgraded: Upgraded) -> None:
    sent_again: dict[str, dict[str, Json]] = {}
    for slug, earlier in upgraded.tenants.items():
        with Scoring(upgraded.product.scoring, upgraded.said["keys"][slug]) as client:
            for event_id, was in earlier["sent"].items():
                event = {name: was["sent"][name] for name in ("features", "context")}
                now = client.score(was["intent"], event)
                for name in ("probability", "score", "predictor", "transform", "release"):
                    assert now[name] == was[name], f"event {event_id!r} of {slug}, sent again: {name}"
                sent_again.setdefault(slug, {})[now["event_id"]] = now
    upgraded.admin.wait_until_kept()
    for slug, answers in sent_again.items():
        for event_id, was, now in _explained(upgraded, slug, answers):
            assert now["score"] == was["score"], f"event {event_id!r} of {slug}"
            assert now["recomputed"]["equal"] is True, f"event {event_id!r} of {slug}: {now['recomputed']}"


def test_events__beside_which_new_ones_were_kept__are_read_as_before(upgraded: Upgraded) -> None:
    for slug, earlier in upgraded.tenants.items():
        _are_as_recorded(upgraded, slug, dict(list(earlier["events"].items())[::10]))


@pytest.mark.parametrize(("slug", "state"), [(RIVER, "approved"), (NORTH, "in review")])
def test_change__that_waited__is_published_with_the_digest_that_was_seen(
    upgraded: Upgraded, slug: str, state: str
) -> None:
    change = next(each for each in upgraded.tenants[slug]["changes"] if each["state"] == state)
    at = f"tenants/{slug}/changes/{change['number']}"
    if state == "in review":
        seen = {"document_digest": change["digest"], "evidence_digest": change["evidence"]}
        published = upgraded.approver.post(f"{at}/approve", {**seen, "text": "as we agreed"})
    else:
        published = upgraded.approver.post(f"{at}/publish", {})
    assert published["state"] == "published", published
    digest, text = folders.texts(upgraded.postgres)[slug, published["release"]]
    assert digest == change["digest"], f"change request {change['number']} of {slug}: another digest was published"
    assert hashlib.sha256(text.encode()).hexdigest() == digest, f"release {published['release']} of {slug}"
    upgraded.admin.wait_until_served({slug: published["release"]})


def test_rollback__to_a_release_of_the_earlier_version__serves_its_text_and_scores(upgraded: Upgraded) -> None:
    answer = upgraded.approver.post(f"tenants/{NORTH}/releases/rollback", {"number": 1, "reason": "as it was"})
    assert folders.texts(upgraded.postgres)[NORTH, answer["number"]] == upgraded.texts[NORTH, 1]
    upgraded.admin.wait_until_served({NORTH: answer["number"]})
    events = upgraded.tenants[NORTH]["events"]
    with Scoring(upgraded.product.scoring, upgraded.said["keys"][NORTH]) as client:
        for event_id in [each for each, was in events.items() if was["release"] == 1][:20]:
            was = events[event_id]
            event = {"features": {"foreign": None, "age": None} | was["features"], "context": was["context"]}
            now = client.score(was["intent"], event)
            assert (now["score"], now["probability"]) == (was["score"], was["probability"]), f"event {event_id!r}"


# ---- small steps


def _are_as_recorded(upgraded: Upgraded, slug: str, events: dict[str, Json]) -> None:
    """Found, with all that was recorded, and their scores recomputed: bit for bit, but for the last of a logarithm.

    Numpy computes these by what the processor can, and the folder may be of another kind of processor than this one.
    """
    for event_id, was, now in _explained(upgraded, slug, events):
        which, again = f"event {event_id!r} of {slug}", now["recomputed"]
        assert {name: now[name] for name in _SAME} == {name: was[name] for name in _SAME}, which
        assert [each["output"] for each in now["models"]] == was["outputs"], f"{which}: other outputs"
        assert was["features"].items() <= now["features"].items(), f"{which}: a feature is another, or gone"
        has_logarithms, replayed = now["aggregation"] == "logit_mean", again["from_features"]
        for found, equal in ((again, {True}), (replayed, {True, was["replayed"]})):
            is_right = found["equal"] in equal or (has_logarithms and _is_as_near_as_can_be(found, was))
            assert is_right, f"{which}: recorded {was['score']}, recomputed {found}"


def _is_as_near_as_can_be(found: Json, was: Json) -> bool:
    return all(math.isclose(found[name], was[name], rel_tol=1e-13) for name in ("probability", "score"))


def _explained(upgraded: Upgraded, slug: str, events: dict[str, Json]) -> Iterator[tuple[str, Json, Json]]:
    """Each event's id, what was said of it, and what is said now. Fails naming those that are not found."""

    def look(event_id: str) -> Json:
        try:
            return upgraded.explained(slug, event_id)
        except Exception as error:
            return {"error": str(error)}

    with ThreadPoolExecutor(4) as pool:
        found = dict(zip(events, pool.map(look, events), strict=True))
    assert {each: now["error"] for each, now in found.items() if "error" in now} == {}, f"events of {slug}"
    return ((each, events[each], now) for each, now in found.items())


def _listed(upgraded: Upgraded, slug: str) -> Iterator[Json]:
    place: dict[str, Any] = {}
    while True:
        page = upgraded.admin.get(f"tenants/{slug}/events", limit=200, **place)
        yield from page["events"]
        if page["older"] is None:
            return
        place = {"older_than": page["older"]}


def _is_told_still(which: str, now: Json, was: Json, but: tuple[str, ...]) -> None:
    """What was said is said now; more may be."""
    another = {
        name: (value, now.get(name))
        for name, value in was.items()
        if name not in but and not _holds(now.get(name), value)
    }
    assert another == {}, f"{which}: then and now"


def _holds(now: Any, was: Any) -> bool:
    """Whether an answer says all that an earlier one said; objects within it may say more."""
    if isinstance(now, dict) and isinstance(was, dict):
        return all(name in now and _holds(now[name], value) for name, value in was.items())
    if isinstance(now, list) and isinstance(was, list):
        return len(now) == len(was) and all(map(_holds, now, was))
    return bool(now == was)


def _log_in(client: httpx.Client, password: str) -> None:
    page = client.get("/admin/login/")
    match = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    assert match is not None
    form = {"username": "admin@example.com", "password": password, "csrfmiddlewaretoken": match[1]}
    client.post("/admin/login/?next=/", data=form, headers={"Referer": str(page.url)})
    assert "sessionid" in client.cookies, "the password of the earlier version lets nobody in"


def _paths(upgraded: Upgraded) -> Iterator[str]:
    yield from ("/", "/tenants", "/intents", "/changes", "/models", "/predictors", "/references", "/proposals")
    yield from (
        "/proposals/1",
        "/serving",
        "/people",
        "/audit",
        "/notifications",
        "/models/trees/1",
        "/models/logistic/2",
    )
    yield from ("/predictors/both/2", "/references/alerts/1", "/references/tail/1")
    for slug, earlier in upgraded.tenants.items():
        yield from _of_tenant(f"/tenants/{slug}", slug, earlier, upgraded.admin.pages)


def _of_tenant(at: str, slug: str, earlier: Json, pages: Callable[..., Iterator[Json]]) -> Iterator[str]:
    yield at
    for each in ("intents/payments", "intents/payments/setup", "fits", "transforms", "changes", "releases", "events",
                 "keys", "members", "policy", "notifications", "audit"):  # fmt: skip
        yield f"{at}/{each}"
    yield from (f"{at}/releases/{each['number']}" for each in earlier["releases"])
    yield from (f"{at}/changes/{each['number']}" for each in earlier["changes"])
    for kind in ("fits", "transforms"):
        yield from (f"{at}/{kind}/{each['id']}" for each in pages(f"tenants/{slug}/{kind}"))
    of_release = {was["release"]: event_id for event_id, was in earlier["events"].items()}
    yield from (f"{at}/events/{quote(each, safe='')}" for each in of_release.values())
