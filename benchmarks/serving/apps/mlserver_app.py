"""MLServer in one process: its own process that runs models costs more than it gains here. Without metrics or debug.

python mlserver_app.py PORT 1
"""

import asyncio
import sys

import uvloop
from mlserver import MLModel, MLServer, ModelSettings, Settings
from mlserver.types import InferenceRequest, InferenceResponse, ResponseOutput
from model import NAMES, probabilities


class Trees(MLModel):
    async def load(self) -> bool:
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        values, width = payload.inputs[0].data.root, len(NAMES)
        found = probabilities([values[start : start + width] for start in range(0, len(values), width)])
        output = ResponseOutput(name="probabilities", shape=[len(found)], datatype="FP64", data=found)
        return InferenceResponse(model_name=self.name, outputs=[output])


async def main(port: int) -> None:
    off = {"debug": False, "metrics_endpoint": None, "gzip_enabled": False, "use_structured_logging": False}
    server = MLServer(Settings(host="127.0.0.1", http_port=port, grpc_port=0, parallel_workers=0, **off))
    await server.start([ModelSettings(name="trees", implementation=Trees)])


if __name__ == "__main__":
    uvloop.install()
    asyncio.run(main(int(sys.argv[1])))
