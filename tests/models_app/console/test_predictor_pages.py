"""Predictors in the console: composed by rows, looked at on recorded events, followed to where they answer."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from models_app.catalog.models import PredictorVersion
from models_app.transforms import preview as previews
from tenants.scope import platform_scope
from tests.factories import World, make_model, make_predictor, make_transform, serve
from tests.recorded import NOON, record_events

Visit = Callable[..., Client]


def days() -> str:
    """A window that holds what tests record."""
    return str((timezone.now() - NOON).total_seconds() / 86_400 + 5)


def rows(*models: Any, **fields: str) -> dict[str, str]:
    sent = {"aggregation": "mean", "called": "both", **fields}
    return sent | {f"members-{place}-model": model.key for place, model in enumerate(models)}


def text(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status
    return " ".join(answer.content.decode().split())


def test_new_predictor__previewed__shows_what_it_gives_and_saves_nothing(
    world: World, visit: Visit, tmp_path: Path
) -> None:
    record_events(world, tmp_path / "segments", count=400)
    sent = rows(world.model, make_model("other"), where="acme/card-payments", days=days(), then="preview", called="")
    sent["members-1-beta"], sent["members-1-weight"] = "0.5", "2"
    page = text(visit("analyst").post("/predictors/new", {"act": "compose", **sent}))
    assert f"Compared with {world.predictor.key}" in page
    assert "On 400 of 400 recorded events" in page
    assert "Rank correlation" in page
    assert "Probability by percentile" in page
    assert 'value="other@1"' in page  # the rows stay
    assert PredictorVersion.objects.count() == 1


def test_new_predictor__of_weights_whose_sum_is_no_number__is_refused(world: World, visit: Visit) -> None:
    sent = rows(world.model, make_model("other"))
    sent |= {"members-0-weight": "1e308", "members-1-weight": "1e308"}
    page = text(visit("analyst").post("/predictors/new", {"act": "compose", **sent}), 422)
    assert "Model 1, Weight: expected weights with a finite sum" in page


def test_preview__of_the_live_recipe__equals_what_was_recorded(world: World, tmp_path: Path) -> None:
    recorded = record_events(world, tmp_path / "segments", count=400)
    with platform_scope():
        found = previews.preview(
            intent=world.intent, recipe=previews.recipe_of(world.predictor), days=float(days())
        ).compared
    assert found.mean_before == found.mean_after == pytest.approx(recorded.mean())
    assert found.rank_correlation == pytest.approx(1.0)
    assert found.same_riskiest == 1.0


def test_preview__out_of_time__is_of_fewer_events(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record_events(world, tmp_path / "segments", count=400)
    monkeypatch.setattr(previews, "SECONDS", -1.0)
    monkeypatch.setattr(previews, "PIECE", 50)
    with platform_scope():
        found = previews.preview(intent=world.intent, recipe=previews.recipe_of(world.predictor), days=float(days()))
    assert (found.total, found.compared.n) == (400, 50)


def test_preview__of_too_many_events__asks_for_fewer_days(
    world: World, visit: Visit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record_events(world, tmp_path / "segments", count=400)
    monkeypatch.setattr(previews, "MOST", 300)
    page = text(visit("viewer").get(place(world.predictor), {"where": "acme/card-payments", "days": days()}))
    assert "the window has 400 events, a preview looks through 300; take fewer days" in page


def place(predictor: PredictorVersion) -> str:
    return f"/predictors/{predictor.name}/{predictor.version}"


def test_predictor__previewed_by_its_address__shows_the_figure(world: World, visit: Visit, tmp_path: Path) -> None:
    record_events(world, tmp_path / "segments", count=400)
    page = text(visit("viewer").get(place(world.predictor), {"where": "acme/card-payments", "days": days()}))
    assert "Probability by percentile" in page
    assert "µs" in page or "ms" in page


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"where": "acme/nothing"}, "whose recorded events"),
        ({"where": "acme/card-payments", "days": "x"}, "expected a number of days"),
        ({"where": "acme/card-payments", "days": "-1"}, "expected days above 0"),
        ({"where": "acme/card-payments", "days": "2"}, "there are no recorded events"),
    ],
)
def test_predictor__asked_for_a_preview_that_cannot_be__says_why(
    world: World, visit: Visit, query: dict[str, str], message: str
) -> None:
    assert message in text(visit("viewer").get(place(world.predictor), query))


def test_predictor__shows_its_recipe_and_where_it_is_live(world: World, visit: Visit) -> None:
    page = text(visit("analyst").get(place(world.predictor)))
    assert "trained on 20 % of negatives" in page
    assert "/tenants/acme/releases/1" in page
    assert f"/proposals?predictor={world.predictor.key}#propose" in page
    assert "/tenants/acme/releases/1" not in text(visit("viewer").get(place(make_predictor(make_model()))))


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({}, "Choose at least one model."),
        ({"members-0-weight": "2"}, "Model 1: Choose a model"),
        ({"members-0-model": "no@1"}, "Model 1: there is no model no@1"),
        ({"members-0-model": "no"}, "expected a key such as cards@4"),
        ({"members-0-model": "MODEL", "members-0-beta": "2"}, "Model 1, β: expected a share of negatives"),
        ({"members-0-model": "MODEL", "members-0-beta": "x"}, "Model 1, β: Enter a number"),
        ({"members-0-model": "MODEL", "members-0-weight": "-1"}, "Model 1, Weight: expected a finite number above 0"),
        ({"members-0-model": "MODEL", "members-7-model": "MODEL"}, "Model 2: MODEL is in the predictor already"),
        ({"members-0-model": "MODEL", "members-0-weight": "1e309"}, "Model 1, Weight: Enter a number"),
        ({"members-0-model": "MODEL", "called": "No Slug"}, "lower-case letters"),
        ({"members-0-model": "MODEL", "then": "preview", "where": "acme/x"}, "Select a valid choice"),
    ],
)
def test_new_predictor__with_bad_input__says_so_at_its_field(
    world: World, visit: Visit, sent: dict[str, str], message: str
) -> None:
    filled = {name: value.replace("MODEL", world.model.key) for name, value in sent.items()}
    answer = visit("analyst").post(
        "/predictors/new", {"act": "compose", "called": "p", "aggregation": "mean", **filled}
    )
    assert message.replace("MODEL", world.model.key) in text(answer, 422)


def test_new_predictor__by_a_viewer__is_not_offered_and_refused(world: World, visit: Visit) -> None:
    client = visit("viewer")
    assert "Create predictor" not in text(client.get("/predictors/new"))
    text(client.post("/predictors/new", {"act": "compose", **rows(world.model)}), 403)
    assert PredictorVersion.objects.count() == 1


def test_predictors__many__take_as_many_queries_as_few(world: World, visit: Visit) -> None:
    client, counts = visit("viewer"), []
    client.get("/predictors")
    for _ in range(2):
        with CaptureQueriesContext(connection) as captured:
            page = text(client.get("/predictors", {"sort": "-transforms"}))
        counts.append(len(captured))
        for _ in range(3):
            other = serve()
            make_transform(other.intent, other.predictor)
    assert world.predictor.key in page
    assert counts[1] <= counts[0] + 1  # documents that were not seen before are read once
