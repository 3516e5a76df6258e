"""The explorer: finding an event, and why it has its score."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from scoring.engine import document
from scoring.engine.compiled import CompiledRelease
from scoring.services import publish_document
from tenants.roles import Role
from tenants.scope import platform_scope
from tests.documents import simple
from tests.factories import make_intent, make_person, make_tenant, text_of
from tests.scoring.eventlog import DAY, INTENT, NOON, consume, event, keep_document, label, write, writer

FEATURES = {"amount": 57.16, "hour": 20, "foreign": None, "kind": "travel"}
MOST_QUERIES = 15
EVENT_ID = "0193587e-6d2a-7c3b-9a55-3f2b8c6d1e90"


@pytest.fixture
def segments(tmp_path: Path, settings: Any) -> Path:
    settings.LAKE, settings.SERVING_CACHE_DIR = str(tmp_path / "lake"), tmp_path / "serving"
    return tmp_path / "segments"


class Explored:
    """A tenant served with `simple()`; `record` puts an event in as scoring would have; `get` opens a page."""

    def __init__(self, segments: Path, *, stored: bool = True, **intent: Any) -> None:
        self.segments, self.tenant = segments, make_tenant("acme")
        self.made = simple("acme") if stored else simple("acme", bias=-3.5)  # which no test stores
        make_intent(self.tenant, INTENT)
        if stored:
            self.made.store()
        declared = (document.Threshold("review", 0.1), document.Threshold("decline", 0.99, "decline"))
        changed = {"thresholds": declared, **intent}
        self.made.intents[INTENT] = msgspec.structs.replace(self.made.intents[INTENT], **changed)
        self.content = self.made.build()
        with platform_scope():
            publish_document(tenant=self.tenant, document=text_of(self.content), actor=None, reason="test")
        keep_document(self.content, tenant=self.tenant.pk)
        self.client = Client()
        viewer = make_person(role=Role.VIEWER, tenant=self.tenant)
        self.client.force_login(viewer, "django.contrib.auth.backends.ModelBackend")

    def record(self, event_id: str, channel: str = "web", **changes: Any) -> Any:
        scored = CompiledRelease(self.content, 1, self.made.load_model).score(INTENT, FEATURES, {"channel": channel})
        steps = {
            name: getattr(scored, name)
            for name in ("route", "predictor", "transform", "outputs", "probability", "score")
        }
        given = {"tenant": self.tenant.pk, "features": FEATURES, "context": {"channel": channel}}
        write(writer(self.segments), event(event_id, **given | steps | changes))
        consume(self.segments)
        return scored

    def label(self, event_id: str, value: int) -> None:
        write(writer(self.segments), label(event_id, value, tenant=self.tenant.pk))
        consume(self.segments)

    def get(self, place: str = "", status: int = 200) -> str:
        answer = self.client.get(f"/tenants/acme/events{place}")
        assert answer.status_code == status, answer.content
        return answer.content.decode()


@pytest.fixture
def explored(db: None, segments: Path) -> Explored:
    return Explored(segments)


def test_search__without_events__says_when_they_come(explored: Explored) -> None:
    assert "No events recorded for this tenant yet. New events appear after" in explored.get()


def test_search__events__with_what_they_cross_and_the_way_to_each(explored: Explored) -> None:
    explored.record("a", "shop")
    explored.record("b", occurred_at=NOON + DAY, score=0.999)
    explored.label("a", 1)
    page = explored.get()
    assert page.index("/tenants/acme/events/b?intent=card-payments&amp;day=2026-11-26") < page.index("/events/a?")
    assert page.count('<span class="badge plain">review</span>') == 1  # at 0.9, as the intent declares it now
    assert "positive" in page
    assert "/events/b?" not in explored.get("?until=2026-11-25&label=positive")


def test_search__events__are_counted_by_day(explored: Explored) -> None:
    for number in range(3):
        explored.record(f"e{number}", occurred_at=NOON + 2 * number // 3 * 2 * DAY)
    page = explored.get("?label=none&limit=1")
    place = page.split('hx-get="', 1)[1].split('"')[0].replace("&amp;", "&")
    counted = explored.client.get(place).content.decode()
    assert ">3<" in counted.replace(" ", "").replace("\n", "")
    assert "by day, 2026-11-25 to 2026-11-27 (UTC); most on 2026-11-25: 2" in counted
    assert "cannot be counted" in explored.client.get("/tenants/acme/event-counts?min_score=7").content.decode()


def test_search__one_id__goes_straight_to_its_event(explored: Explored) -> None:
    explored.record(EVENT_ID)
    answer = explored.client.get("/tenants/acme/events", {"id": EVENT_ID})
    assert answer.status_code == 302
    assert answer.headers["location"] == f"/tenants/acme/events/{EVENT_ID}?intent=card-payments&day=2026-11-25"
    assert "Why this score?" in explored.client.get(answer.headers["location"]).content.decode()
    assert f"/events/{EVENT_ID}?" in explored.get(f"?id={EVENT_ID[:6]}")


def test_search__fields_left_blank__are_left_out_of_the_address(explored: Explored) -> None:
    answer = explored.client.get("/tenants/acme/events?id=&intent=card-payments&label=&max_score=0.5")
    assert answer.headers["location"] == "/tenants/acme/events?intent=card-payments&max_score=0.5"


def test_search__more_than_a_page__turns_and_keeps_what_is_asked_for(explored: Explored) -> None:
    for number in range(5):
        explored.record(f"e{number}", occurred_at=NOON + number)
    first = explored.get("?limit=2&intent=card-payments")
    assert "Older →" in first
    assert "← Newer" not in first
    place = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    assert "intent=card-payments" in place
    second = explored.get(place)
    assert [each for each in ("e0", "e1", "e2", "e3", "e4") if f"/events/{each}?" in second] == ["e1", "e2"]
    assert "← Newer" in second


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("min_score=2", 'id="filter-min_score_error">Ensure this value is less than or equal to 1.'),
        ("since=yesterday", 'id="filter-since_error">Datetime has wrong format'),
        ("context=web", 'id="filter-context_error">expected a name and a value, as channel=web'),
        ("context=colour%3Dred", 'id="filter-context_error">no event that was searched has this attribute'),
        ("intent=other", 'id="filter-intent_error">no such intent; there are card-payments'),
        ("scroe=1", "no such field"),
        ("older_than=x", "expected what an answer has given"),
    ],
)
def test_search__bad_filter__says_so_at_its_field(explored: Explored, query: str, message: str) -> None:
    explored.record("a")
    assert message in explored.get(f"?{query}")


def test_event__of_two_models__each_step_in_words_and_figures(explored: Explored) -> None:
    scored = explored.record("a")
    explored.label("a", 0)
    page = explored.get("/a")
    assert escape(f"The score {scored.score:.4f} reaches ‘review’ (0.1) and stays below ‘decline’ (0.99).") in page
    assert "Route ‘web’ matched (channel is web), where cards@2 is live." in page
    for phrase in ("small@1", "large@1", "together (mean) a probability of", "not evaluated", "negative"):
        assert phrase in page
    assert "equal, bit for bit, from the features and from the models" in page
    for figure in ("figure-correction", "figure-mapping"):
        assert f'data-figure="{figure}"' in page
    assert "/api/v1/tenants/acme/events/a?intent=card-payments" in page


def test_event__of_the_last_route__says_why_those_before_did_not_match(explored: Explored) -> None:
    explored.record("a", "shop")
    page = explored.get("/a")
    assert "did not match" in page
    assert "channel is shop" in page
    assert "No shadow scored this event." in page


def test_event__with_a_failed_shadow_and_no_features__says_why(db: None, segments: Path) -> None:
    explored = Explored(segments, stored=False, keep_features="none")
    explored.record("a")
    page = explored.get("/a")
    assert '<span class="badge bad">failed</span>' in page
    assert "Not recomputed from features: the intent does not keep these features" in page
    assert "The intent keeps no features." in page


def test_event__of_a_release_that_is_gone__shows_what_was_recorded(explored: Explored) -> None:
    explored.record("a")
    with platform_scope():
        keep_document(explored.content, tenant=explored.tenant.pk, number=9)
    explored.record("lost", release=9)
    page = explored.get("/lost")
    assert "release 9, which scored it, is not here" in page
    assert "Record as JSON" in page
    assert "/events/lost?" in explored.get()


@pytest.mark.parametrize("place", ["", "?label=none&threshold=review", "/a", "/a?intent=card-payments&day=2026-11-25"])
def test_pages__with_events__take_few_queries(explored: Explored, place: str) -> None:
    explored.record("a")
    explored.get(place)
    with CaptureQueriesContext(connection) as captured:
        explored.get(place)
    assert len(captured) <= MOST_QUERIES, [each["sql"][:120] for each in captured]


def test_event__that_is_not_there_or_anothers__is_404(explored: Explored) -> None:
    explored.record("a")
    other = make_tenant("globex")
    explored.get("/nothing", status=404)
    client = Client()
    client.force_login(make_person(role=Role.ADMIN, tenant=other), "django.contrib.auth.backends.ModelBackend")
    assert client.get("/tenants/acme/events/a").status_code == 404
    assert client.get("/tenants/globex/events/a").status_code == 404
    assert client.get("/tenants/acme/events").status_code == 404
