"""Reference distributions in the console: by kind, drawn before they are made."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from models_app.catalog.models import ReferenceDistribution
from tests.factories import World, make_reference

Visit = Callable[..., Client]
CURVE = "0.5 10\n0.7\t5 %\n0.9, 1\n"


def text(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status
    return " ".join(answer.content.decode().split())


def test_new_curve__drawn__is_shown_and_not_made(visit: Visit) -> None:
    sent = {"act": "create", "then": "draw", "points": CURVE}
    page = text(visit("analyst").post("/references/new/curve", sent))
    assert "Nothing is saved yet." in page
    assert "Score by percentile" in page
    assert "0.9000" in page  # the score at 1 %
    assert not ReferenceDistribution.objects.exists()


@pytest.mark.parametrize(
    ("kind", "fields", "parameters"),
    [
        ("beta", {"a": "2", "b": "20.5"}, {"a": 2.0, "b": 20.5}),
        ("curve", {"points": "0.5 10\n0.9 1"}, {
            "points": [{"score": 0.5, "alert_rate": 0.1}, {"score": 0.9, "alert_rate": 0.01}],
        }),
    ],
)  # fmt: skip
def test_new_reference__made__has_a_page_of_its_own(
    visit: Visit, kind: str, fields: dict[str, str], parameters: dict[str, Any]
) -> None:
    client = visit("analyst")
    answer = client.post(f"/references/new/{kind}", {"act": "create", "called": "cards", **fields})
    assert answer["Location"] == "/references/cards/1"
    assert ReferenceDistribution.objects.get().parameters == parameters
    page = text(client.get("/references/cards/1"))
    assert "Scores at usual alert rates" in page
    assert "No transform uses this reference yet." in page
    assert "cards@1" in text(client.get("/references", {"kind": kind, "sort": "-transforms"}))


@pytest.mark.parametrize(
    ("kind", "fields", "message"),
    [
        ("beta", {"a": "2", "b": "0"}, "expected a number above 0"),
        ("beta", {"a": "0.001", "b": "2"}, "choose a larger a"),
        ("beta", {"a": "1e4", "b": "0.5"}, "one score and the next differ by"),
        ("beta", {"a": "1e999", "b": "2"}, "Enter a number"),
        ("curve", {"points": "0.5 10\n0.5000000000000001 0.001"}, "one score and the next differ"),
        ("beta", {"a": "x", "b": "2"}, "Enter a number"),
        ("curve", {"points": "0.5 10 3"}, "line 1: expected 2 numbers (score, alert rate in %)"),
        ("curve", {"points": "0.5 10\n0.4 5"}, "line 2: expected a score above 0.5"),
        ("curve", {"points": "0.5 x"}, "line 1: expected 2 numbers"),
        ("curve", {"points": ""}, "This field is required"),
        ("curve", {"points": CURVE, "called": ""}, "This field is required"),
    ],
)
def test_new_reference__with_bad_input__says_so_at_its_field(
    visit: Visit, kind: str, fields: dict[str, str], message: str
) -> None:
    answer = visit("analyst").post(f"/references/new/{kind}", {"act": "create", "called": "cards", **fields})
    assert message in text(answer, 422)
    assert not ReferenceDistribution.objects.exists()


@pytest.mark.parametrize(("a", "b"), [(2, 400), (400, 2), (1e4, 0.5)])
def test_reference__that_was_stored_however_steep__is_drawn(visit: Visit, a: float, b: float) -> None:
    row = make_reference(a, b)
    page = text(visit("viewer").get(f"/references/{row.name}/1"))
    assert "Scores at usual alert rates" in page
    assert "Infinity" not in page
    assert "NaN" not in page


def test_reference__names_the_transforms_to_it(world: World, visit: Visit) -> None:
    row = world.transform.reference
    page = text(visit("viewer").get(f"/references/{row.name}/1"))
    assert f"/tenants/acme/transforms/{world.transform.pk}" in page
    assert "New reference" not in text(visit("viewer").get("/references"))
