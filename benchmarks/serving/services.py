"""What is compared, by name: our own services, those of others, and the rows that hold one against another."""

import sys
from pathlib import Path
from typing import Any

from benchmarks.serving import peers, world
from benchmarks.serving.terms import ARROW, MUSE, Question, Row, Service
from benchmarks.serving.world import BATCH, INTENT, LARGE
from muse_site.driving.running import ROOT

ENVIRONMENTS = ROOT / ".venv-peers"  # as `make bench-peers` makes them
THREADS = 8  # of a scoring process, as the product starts it


def _hosted(name: str, threads: int, **env: str) -> Service:
    """Ours, as the product is served."""
    command = (sys.executable, "-m", "benchmarks.serving.host", "muse_site.wsgi_scoring", "{port}", "{processes}")
    return Service(name, (*command, str(threads)), env)


def _bare(name: str, module: str) -> Service:
    """Served by Granian, which of the servers tried costs a WSGI callable least."""
    command = (sys.executable, "-m", "granian", "--interface", "wsgi", "--port", "{port}", "--workers", "{processes}")
    return Service(name, (*command, "--blocking-threads", "1", f"{module}:application"))


def _one(answer: Any) -> list[float]:
    return [answer["probability"]]


def _many(answer: Any) -> list[float]:
    return [each["probability"] for each in answer["results"]]


def _column(answer: Any) -> list[float]:
    found: list[float] = answer["probability"].to_pylist()
    return found


def _ours(body: str, outputs: str = "outputs") -> Question:
    return Question(MUSE, "/api/v1/score", body, _one, outputs=outputs)


_OURS = _ours("single")
_VIEW = Question("MUSE, lane off", "/api/v1/score", "single", _one)
_BATCH = Question(MUSE, "/api/v1/score/batch", "table", _many, BATCH)
_NAMED = Question(MUSE, "/api/v1/score/batch", "batch", _many, BATCH)
_ARROW = Question(
    MUSE, f"/api/v1/score/batch?intent={INTENT}", "large", _column, LARGE, outputs="outputs-large", kind=ARROW
)
_ONNX = Question("ONNX Runtime", "/run", "row", list, LARGE, outputs="outputs-large")
_BARE = Question("bare WSGI", "/score", "single", _one)
_BARE_VIEW = Question("bare DRF", "/score", "single", _one)
_FASTAPI = peers.PEERS[0]
_NO_NAMES = "It takes rows without names; ours names its columns once."
_ONLY_RUNS = "It decodes, runs the model and encodes; nothing else."
ROWS = {
    **{each.key: Row(f"one event, against {each.name}", _OURS, each.single, each.goal, each.lacks)
       for each in peers.PEERS},
    "p99": Row("p99 at half of the peak", _OURS, _FASTAPI.single, 1.0, _FASTAPI.lacks, "delay", at_most=True),
    "shadows": Row("p50 with five shadows", _ours(world.FIVE), _OURS, 1.03, "It has none.", "shadows", at_most=True),
    "models": Row("two models in a predictor", _ours(world.TWO, "outputs-two"), _OURS, None, "It has one model."),
    "sustained": Row("sustained, with the consumer beside", _OURS, _OURS, 0.6, "No consumer beside.", "sustained"),
    "consumer": Row("the consumer alone, one shadow", _ours(world.SHADOWED), _ours(world.SHADOWED), 3.0,
                    "What a service records meanwhile, with no consumer beside it.", "consumer"),
    "bare": Row("one event, against the limit", _OURS, _BARE, 0.6, _ONLY_RUNS),
    "view": Row("the view, lane off, against a bare view", _VIEW, _BARE_VIEW, 0.7, _ONLY_RUNS),
    "batch": Row("batch of 1,000, against FastAPI", _BATCH, peers.FASTAPI_BATCH, 1.5, _NO_NAMES),
    "batch-kserve": Row("batch of 1,000, against KServe", _BATCH, peers.KSERVE_BATCH, 1.0, _NO_NAMES),
    "batch-named": Row("batch of 1,000, names in each event", _NAMED, _BATCH, None, "It names its columns once."),
    "arrow": Row("batch of 10,000 as an Arrow stream, against ONNX Runtime alone", _ARROW, _ONNX, 0.6,
                 "It runs the model on a matrix that is ready, and reads no event."),
}  # fmt: skip


def services(environments: Path = ENVIRONMENTS, threads: int = THREADS) -> dict[str, Service]:
    """All that can be started, by name. `environments`: the folder of the others'; `threads`: of our processes."""
    found = [
        _hosted(MUSE, threads),
        _hosted("MUSE, lane off", threads, MUSE_EXPRESS_LANE="0"),
        _bare("bare WSGI", "benchmarks.serving.apps.bare_wsgi"),
        _bare("ONNX Runtime", "benchmarks.serving.apps.bare_onnx"),
        _bare("bare DRF", "benchmarks.serving.apps.bare_drf"),
        *(each.service(environments) for each in peers.installed(environments)),
    ]
    return {each.name: each for each in found}
