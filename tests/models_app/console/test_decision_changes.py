"""The page of all events that change sides: as many as the card says, narrowed, sorted, and as a file of just that."""

import csv
import io
import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from models_app.changes.decision_changes.models import DecisionChange
from models_app.changes.models import ChangeRequest
from models_app.statistics.evidence import stored
from models_app.statistics.evidence.decision import amount, decision_of
from tenants.scope import platform_scope
from tests.factories import add_evidence, serve
from tests.models_app.console.findings import PATH, latest, text

THERE = f"{PATH}/decision-changes"
MOST = 13  # queries, without what begins and ends transactions


def found(page: str) -> int:
    """How many the listing has found."""
    count = re.search(r">\s*(\d+) found\s*<", page)
    assert count
    return int(count[1])


def file_of(client: Client, **query: str) -> list[dict[str, str]]:
    answer = client.get(f"{THERE}/export", query)
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/csv; charset=utf-8")
    return list(csv.DictReader(io.StringIO(answer.content.decode())))


def test_page__of_all_events__has_as_many_as_the_decision_card_says(
    change: ChangeRequest, visit: Callable[..., Client]
) -> None:
    client = visit("viewer")
    card, page = text(client), text(client, THERE)
    intents = stored.read(latest(change).result).intents
    for line, threshold in zip(decision_of(intents).lines, intents[0].thresholds, strict=True):
        assert threshold.change is not None
        assert line.new_alerts is not None
        many = found(text(client, f"{THERE}?threshold={threshold.name}&side=new+alert"))
        assert many == threshold.change.only_after == threshold.listed == round(line.new_alerts * intents[0].days)
        assert f">{amount(line.new_alerts)}<" in card.replace(" ", "")
        assert f"{many:,} events change sides, {many:,} new and 0 dropped alerts. All are listed." in page
    assert found(page) == sum(each.listed or 0 for each in intents[0].thresholds)


def test_page__of_evidence__says_which_and_how_it_ended(change: ChangeRequest, visit: Callable[..., Client]) -> None:
    page = text(visit("viewer"), THERE)
    for phrase in (latest(change).digest, "By this evidence", 'class="badge bad"'):
        assert phrase in page


def test_export__of_what_is_narrowed_and_sorted__has_just_that(
    change: ChangeRequest, visit: Callable[..., Client]
) -> None:
    client = visit("viewer")
    query = {"threshold": "at-0.01", "label": "positive", "sort": "occurred"}
    page = text(client, f"{THERE}?threshold=at-0.01&label=positive&sort=occurred&page=2")
    assert 'decision-changes/export?threshold=at-0.01&amp;label=positive&amp;sort=occurred"' in page
    rows = file_of(client, **query)
    assert len(rows) == found(page) > 0
    assert {(row["threshold"], row["label"]) for row in rows} == {("at-0.01", "1")}
    assert [row["occurred_at"] for row in rows] == sorted(row["occurred_at"] for row in rows)
    assert all(float(row["score_before"]) < float(row["score_after"]) for row in rows)


def test_export__of_names_that_would_be_formulas__keeps_them_from_being_run(
    change: ChangeRequest, visit: Callable[..., Client]
) -> None:
    with platform_scope():
        DecisionChange.objects.update(event_id="=HYPERLINK(1)", context={"channel": "@SUM(1)"})
    first, *_ = file_of(visit("viewer"))
    assert (first["event_id"], first["context.channel"]) == ("'=HYPERLINK(1)", "'@SUM(1)")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("context=web", "Context: expected a name and a value, as channel=web"),
        ("side=up", "Side: there is no “up”; there are"),
        ("threshold=none", "Threshold: there is no “none”; there are at-0.1, at-0.01"),
    ],
)
def test_page__of_what_cannot_be__says_so_and_the_file_leads_there(
    change: ChangeRequest, visit: Callable[..., Client], query: str, said: str
) -> None:
    client = visit("viewer")
    page = text(client, f"{THERE}?{query}")
    assert said in page
    assert found(page) == 0
    answer = client.get(f"{THERE}/export?{query}")
    assert (answer.status_code, answer["Location"]) == (302, f"{THERE}?{query}")


def test_page__while_new_evidence_is_computed__lists_none(change: ChangeRequest, visit: Callable[..., Client]) -> None:
    evidence = add_evidence(change)
    with platform_scope():
        type(evidence).objects.filter(pk=evidence.pk).update(state="running", result="", verdict="", digest="")
    client = visit("viewer")
    assert "There is no finished evidence yet" in text(client, THERE)
    assert file_of(client) == []


def test_page__however_many_it_lists__takes_few_queries(change: ChangeRequest, visit: Callable[..., Client]) -> None:
    client = visit("viewer")
    text(client, THERE)
    counts = []
    for query in ("?q=nothing", ""):
        with CaptureQueriesContext(connection) as captured:
            text(client, f"{THERE}{query}")
        begun = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")
        counts.append(sum(not each["sql"].startswith(begun) for each in captured))
    assert counts[0] <= counts[1] <= MOST


def test_page__of_another_tenant__is_not_there(change: ChangeRequest, visit: Callable[..., Client]) -> None:
    client = visit("admin", serve("other").tenant)
    for path in (THERE, f"{THERE}/export", THERE.replace("acme", "other")):
        assert client.get(path).status_code == 404
