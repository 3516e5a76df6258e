"""Fits by replay over REST, on features whose names have once been taken for others, or for parts of a query."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from models_app import tasks
from models_app.transforms.models import Fit, Transform
from scoring.engine import document
from scoring.engine.compiled import CompiledRelease
from scoring.queue.record import encode
from scoring.services import publish_document
from scoring.store.artifacts import open_model
from tenants.scope import platform_scope
from tests.factories import make_document, make_intent, make_model, make_predictor, make_tenant, make_transform, text_of
from tests.models_app.conftest import Api
from tests.scoring.eventlog import NOON, consume, event, ids, keep_document, writer

COUNT = 2_000


@pytest.mark.parametrize(
    "names", [("amount", "amount__mean"), ("{source}", 'a"b'), ("x", "x__integer"), ("é", "e\u0301")]
)
def test_fit__replay_of_odd_names__is_that_of_what_was_recorded(
    db: None, api: Callable[..., Api], tmp_path: Path, names: tuple[str, str]
) -> None:
    features = [document.Feature(name, nullable=True) for name in names]
    tenant = make_tenant()
    intent = make_intent(tenant, features=features, thresholds=[{"name": "review", "score": 0.3}])
    predictor = make_predictor(make_model(features=names, weights=(1.0, 3.0)))
    with platform_scope():
        transform = make_transform(intent, predictor)
        content = make_document(intent, transform)
        publish_document(tenant=tenant, document=text_of(content), actor=None, reason="for tests")
    keep_document(content, tenant=tenant.pk)
    _record(content, tmp_path, tenant.pk, names)
    admin, knots = api("admin"), []
    for kind in ("recorded", "replay"):
        source = {"kind": kind, "days": 1, "as_of": datetime(2026, 11, 26, tzinfo=UTC).isoformat()}
        request = {
            "intent": intent.name, "predictor": predictor.key, "reference": transform.reference.key, "source": source,
        }  # fmt: skip
        answer = admin.post(f"tenants/{tenant.slug}/fits", request)
        assert answer.status_code == 201, answer.content
        tasks.run_work("fit", tenant.pk, answer.json()["id"])
        with platform_scope():
            fit = Fit.objects.get(pk=answer.json()["id"])
            assert fit.state == "succeeded", fit.error
            fitted = Transform.objects.get(pk=fit.transform_id)
            knots.append((fitted.x, fitted.y))
    assert knots[0] == knots[1]


def _record(content: document.ReleaseDocument, folder: Path, tenant: int, names: tuple[str, str]) -> None:
    """Half of the events have null in the first."""
    release = CompiledRelease(content, 1, open_model)
    events: list[Any] = []
    for number, each in enumerate(ids(COUNT)):
        features = {names[0]: None if number % 2 else number / COUNT, names[1]: number / COUNT - 0.5}
        scored = release.score("card-payments", features, {})
        events.append(
            event(
                each, tenant=tenant, occurred_at=NOON + number, scored_at=NOON + number, features=features, context={},
                route=scored.route, predictor=scored.predictor, transform=scored.transform, outputs=scored.outputs,
                probability=scored.probability, score=scored.score,
            )
        )  # fmt: skip
    assert writer(folder / "segments").append([encode(each) for each in events])
    consume(folder / "segments", flush_events=100_000)
