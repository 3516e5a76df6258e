"""What a predictor would give for recorded events, beside what answered them, before anything of it is saved.

It runs within the request of a page, so it is bounded: a window of at most MOST events, of which about DRAWN are
drawn, scored in random order and in pieces until SECONDS are over. What is done by then is a sample as well, of fewer
events. Reading and scoring run outside of Python's lock, so that other requests go on. Nothing is kept of it.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from django.utils import timezone

from models_app.catalog.models import PredictorVersion
from models_app.catalog.to_document import model_part, predictor_part
from models_app.inputs.errors import invalid
from models_app.intents.to_document import features_of
from models_app.statistics.paired_probabilities import Compared, compare
from models_app.transforms.replay import Replay
from models_app.transforms.source import Window, read_window
from models_app.work.lease import CannotBeDone
from scoring.engine import document
from scoring.engine.probability import FloatArray
from scoring.lake import reading
from scoring.lake.sampling import QuickSample
from tenants.models import Intent

MOST, DRAWN, PIECE, SECONDS = 2_000_000, 20_000, 2_000, 3.0
SEED = 20_261_127


@dataclass(frozen=True)
class Recipe:
    """A predictor, saved or not, with the parts of its models by key."""

    key: str
    predictor: document.Predictor
    models: Mapping[str, document.Model]


@dataclass(frozen=True)
class Preview:
    """`compared` on some of the window's `total` events, which `live` predictors answered; `seconds` for an event."""

    total: int
    live: tuple[str, ...]
    compared: Compared
    seconds: float


def recipe_of(predictor: PredictorVersion) -> Recipe:
    """Return the recipe of a saved predictor, its members and their models at hand."""
    models = {member.model.key: model_part(member.model) for member in predictor.members.all()}
    return Recipe(predictor.key, predictor_part(predictor), models)


def preview(*, intent: Intent, recipe: Recipe, days: float) -> Preview:
    """Raises ValidationError naming what is in the way: `days`, `where` or `members`."""
    window = read_window(days, timezone.now())
    total = _count(intent, window)
    try:
        replay = Replay(recipe.key, features_of(intent), recipe.predictor, recipe.models)
    except CannotBeDone as error:
        raise invalid("members", str(error)) from None
    table = _drawn(intent, window, replay, total)
    try:
        before, after, seconds = _scored(table, replay)
    except CannotBeDone as error:
        raise invalid("where", str(error)) from None
    if not len(after):
        raise invalid(
            "where", "no event of the window has kept the features that the predictor needs; a shadow shows it"
        )
    live = tuple(sorted(set(table.column("predictor").to_pylist())))
    return Preview(total, live, compare(before, after), seconds / len(after))


def _count(intent: Intent, window: Window) -> int:
    total = reading.count_events(intent.tenant_id, intent.name, window.start, window.end)
    if not total:
        raise invalid("days", f"there are no recorded events of {intent.name} in this window; take more days")
    if total > MOST:
        raise invalid("days", f"the window has {total:,} events, a preview looks through {MOST:,}; take fewer days")
    return total


def _drawn(intent: Intent, window: Window, replay: Replay, total: int) -> pa.Table:
    """Draw some of the events in random order, the same ones each time."""
    columns = ["predictor", "probability", *replay.types]
    sample = QuickSample(f"preview {SEED}", DRAWN / total) if total > DRAWN else None
    try:
        found = reading.feature_table(
            intent.tenant_id, intent.name, window.start, window.end, columns, replay.types, sample
        )
    except KeyError as error:
        raise invalid("where", f"{error.args[0]}; a preview needs it") from None
    return found.take(pa.array(np.random.default_rng(SEED).permutation(len(found))))


def _scored(table: pa.Table, replay: Replay) -> tuple[FloatArray, FloatArray, float]:
    """Return recorded and new values of the events that could be scored in time, and the seconds it took."""
    begun, before, after = time.monotonic(), [np.empty(0)], [np.empty(0)]
    for start in range(0, len(table), PIECE):
        piece = table.slice(start, PIECE)
        given = replay.probabilities_where_kept(piece)
        known = ~np.isnan(given)
        before.append(piece.column("probability").to_numpy()[known])
        after.append(given[known])
        if time.monotonic() - begun > SECONDS:
            break
    return np.concatenate(before), np.concatenate(after), time.monotonic() - begun
