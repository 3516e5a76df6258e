"""BentoML: an async service on uvloop, with a request timeout of 2 s (it holds memory until then), without access log.

python bentoml_app.py PORT PROCESSES
"""

import os
import sys
from pathlib import Path

import bentoml
from model import probabilities

_QUIET = {"logging": {"access": {"enabled": False}}, "metrics": {"enabled": False}, "traffic": {"timeout": 2}}


@bentoml.service(workers=int(os.environ.get("BENCH_PROCESSES", "1")), **_QUIET)
class Trees:
    @bentoml.api(route="/score")
    async def score(self, rows: list[list[float]]) -> list[float]:
        return probabilities(rows)


if __name__ == "__main__":
    port, os.environ["BENCH_PROCESSES"] = sys.argv[1:]
    argv = ["bentoml", "serve", "bentoml_app:Trees", "--host", "127.0.0.1", "--port", port]
    os.chdir(Path(__file__).parent)
    os.execv(Path(sys.executable).parent / "bentoml", argv)
