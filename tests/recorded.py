"""A lake with events of a world's intent, as its live predictor has scored them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from scoring.engine.predictor import RunnablePredictor
from scoring.queue.record import encode
from scoring.store.artifacts import open_model
from tests.factories import World
from tests.scoring.eventlog import consume, event, ids, keep_document, writer

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


def record_events(
    world: World, folder: Path, count: int = 3000, days: int = 2, prefix: str = "e", machine: str = "m", **changes: Any
) -> np.ndarray:
    """Put events of the days before NOON into the lake, through a segment and the consumer; their probabilities."""
    keep_document(world.document, tenant=world.tenant.pk, number=world.release.number)
    rng = np.random.default_rng(4)
    columns = {"amount": rng.gamma(2, 200, count), "hour": rng.integers(0, 24, count).astype(float)}
    model = world.document.models[world.model.key]
    runnable = RunnablePredictor(
        world.document.predictors[world.predictor.key],
        {world.model.key: (model, open_model(model))},
    )
    outputs, probabilities = runnable.many(columns)
    start = int((NOON - timedelta(days=days)).timestamp() * 1e6)
    step = days * 86_400_000_000 // count
    events = [
        event(
            each,
            **{
                "tenant": world.tenant.pk,
                "release": world.release.number,
                "route": "all",
                "predictor": world.predictor.key,
                "transform": world.transform.pk,
                "occurred_at": start + row * step,
                "scored_at": start + row * step,
                "outputs": outputs[row].tolist(),
                "probability": float(probabilities[row]),
                "features": {
                    "amount": float(columns["amount"][row]), "hour": int(columns["hour"][row]), "foreign": None,
                },
            }
            | changes,
        )
        for row, each in enumerate(ids(count, prefix))
    ]  # fmt: skip
    out = writer(folder)
    assert out.append([encode(each) for each in events])
    consume(folder, machine=machine, flush_events=100_000)
    return probabilities
