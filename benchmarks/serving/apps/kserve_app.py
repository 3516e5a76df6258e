"""KServe's Python server on ONNX Runtime, by its first protocol, without gRPC and with neither of its two logs.

python kserve_app.py PORT PROCESSES
"""

import sys
from typing import Any

from kserve import Model, ModelServer
from kserve.logging import KSERVE_LOG_CONFIG, configure_logging
from model import probabilities

# Spawned processes import this too: without a handler Uvicorn does not even format a line for each request.
KSERVE_LOG_CONFIG["loggers"]["uvicorn.access"]["handlers"] = []
KSERVE_LOG_CONFIG["loggers"]["kserve.trace"]["level"] = "WARNING"


class Trees(Model):
    def load(self) -> bool:
        self.ready = True
        return self.ready

    async def predict(self, payload: dict[str, Any], headers: Any = None) -> dict[str, Any]:
        return {"predictions": probabilities(payload["instances"])}


if __name__ == "__main__":
    sys.argv, (port, processes) = sys.argv[:1], map(int, sys.argv[1:])
    configure_logging()
    model = Trees("trees")
    model.load()
    ModelServer(http_port=port, workers=processes, enable_grpc=False, enable_latency_logging=False).start([model])
