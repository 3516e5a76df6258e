"""The services of others that are compared, each with the settings that were found best for it.

The environment of each is of its own, by the versions in `apps/KEY.txt`; `apps/KEY_app.py` starts it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.serving.terms import Question, Service
from benchmarks.serving.world import BATCH

APPS = Path(__file__).parent / "apps"


@dataclass(frozen=True)
class Peer:
    """`goal`: how many times as many requests a second we want to answer; `lacks`: what it does not do."""

    key: str
    name: str
    single: Question
    goal: float
    lacks: str
    env: Mapping[str, str] = field(default_factory=dict)
    most: int = 64

    def service(self, environments: Path) -> Service:
        command = (str(python(environments, self.key)), str(APPS / f"{self.key}_app.py"), "{port}", "{processes}")
        return Service(self.name, command, self.env, self.most)


def python(environments: Path, key: str) -> Path:
    return environments.absolute() / key / "bin" / "python"


def installed(environments: Path) -> list[Peer]:
    """Those whose environments are there."""
    return [each for each in PEERS if python(environments, each.key).exists()]


def _at(*keys: Any) -> Callable[[Any], list[float]]:
    """Reads a list of probabilities from this place of an answer."""

    def read(answer: Any) -> list[float]:
        for key in keys:
            answer = answer[key]
        return list(answer)

    return read


def _last(answer: Any) -> list[float]:
    return [each[-1] for each in answer["predictions"]["probability"]]


FASTAPI_BATCH = Question("FastAPI", "/batch", "rows", _at("probabilities"), BATCH)
KSERVE_BATCH = Question("KServe", "/v1/models/trees:predict", "instances-batch", _at("predictions"), BATCH)
_NOTHING = "no keys, tenants, quotas, routes or transforms, and nothing is recorded"
PEERS = (
    Peer(
        "fastapi",
        "FastAPI",
        Question("FastAPI", "/score", "single", lambda answer: [answer["probability"]]),
        1.5,
        f"It checks types and no ranges; {_NOTHING} or counted.",
    ),
    Peer(
        "kserve",
        "KServe",
        Question("KServe", "/v1/models/trees:predict", "instances", _at("predictions")),
        2.0,
        f"It takes bare rows and checks nothing of them; {_NOTHING}; it counts how long its steps take.",
    ),
    Peer(
        "ray",
        "Ray Serve",
        Question("Ray Serve", "/", "row", _at("probabilities")),
        3.0,
        f"It checks nothing; {_NOTHING}; it counts requests, and could spread its replicas over machines.",
        {
            "RAY_SERVE_THROUGHPUT_OPTIMIZED": "1",
            "RAY_SERVE_ENABLE_HA_PROXY": "1",
            "RAY_SERVE_HAPROXY_NBTHREAD": "2",
            "RAY_USAGE_STATS_ENABLED": "0",
        },
    ),
    Peer(
        "mlserver",
        "MLServer",
        Question("MLServer", "/v2/models/trees/infer", "tensor", _at("outputs", 0, "data")),
        6.0,
        f"It checks the form of a tensor and none of its values; {_NOTHING}; its counting is switched off.",
        most=1,
    ),
    Peer(
        "mlflow",
        "MLflow",
        Question("MLflow", "/invocations", "inputs", _last),
        5.0,
        f"Without a signature it checks nothing; {_NOTHING} or counted.",
        {"MLFLOW_DISABLE_TELEMETRY": "true"},
    ),
    Peer(
        "bentoml",
        "BentoML",
        Question("BentoML", "/score", "row", list),
        6.0,
        f"It checks types and no ranges; {_NOTHING}; its counting is switched off.",
        {"BENTOML_DO_NOT_TRACK": "True"},
    ),
    Peer(
        "litserve",
        "LitServe",
        Question("LitServe", "/score", "row", _at("probabilities")),
        8.0,
        f"It checks nothing; {_NOTHING} or counted.",
    ),
)  # fmt: skip
