"""LitServe with its fast queue: processes that take requests, as many as processes that run the model. No access log.

python litserve_app.py PORT PROCESSES
"""

import sys
from typing import Any

import litserve


class Trees(litserve.LitAPI):
    def setup(self, device: str) -> None:
        from model import probabilities

        self._probabilities = probabilities

    def decode_request(self, request: dict[str, Any]) -> Any:
        return request["rows"]

    def predict(self, rows: Any) -> list[float]:
        return self._probabilities(rows)

    def encode_response(self, output: list[float]) -> dict[str, list[float]]:
        return {"probabilities": output}


if __name__ == "__main__":
    port, processes = map(int, sys.argv[1:])
    server = litserve.LitServer(
        Trees(api_path="/score"), accelerator="cpu", workers_per_device=processes, fast_queue=True, timeout=False
    )
    server.run(host="127.0.0.1", port=port, num_api_servers=processes, generate_client_file=False,
               log_level="warning", access_log=False)  # fmt: skip
