"""Ray Serve behind HAProxy: an async deployment, as many replicas as processes, tuned for throughput by RAY_SERVE_….

python ray_app.py PORT PROCESSES
"""

import os
import signal
import socket
import sys
import tempfile
from pathlib import Path

# Beside the port of the service HAProxy wants two more, which are fixed and may be taken.
for each in ("METRICS", "STATS"):
    with socket.create_server(("127.0.0.1", 0)) as free:
        os.environ[f"RAY_SERVE_HAPROXY_{each}_PORT"] = str(free.getsockname()[1])

import ray  # noqa: E402  # Ray reads its settings as it is imported
from ray import serve  # noqa: E402
from starlette.requests import Request  # noqa: E402


class Trees:
    def __init__(self) -> None:
        from model import probabilities

        self._probabilities = probabilities

    async def __call__(self, request: Request) -> dict[str, list[float]]:
        return {"probabilities": self._probabilities((await request.json())["rows"])}


def main(port: int, processes: int, folder: str) -> None:
    apps = {"env_vars": {"PYTHONPATH": str(Path(__file__).parent)}}
    ray.init(num_cpus=processes, include_dashboard=False, log_to_driver=False, runtime_env=apps, _temp_dir=folder)
    serve.start(http_options={"host": "127.0.0.1", "port": port}, logging_config={"enable_access_log": False})
    replica = {"num_replicas": processes, "max_ongoing_requests": 100, "ray_actor_options": {"num_cpus": 0}}
    serve.run(serve.deployment(Trees, **replica).bind())
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    try:
        signal.pause()
    finally:
        ray.shutdown()


if __name__ == "__main__":
    # Paths of sockets must be short, so its files lie in no folder of the benchmark.
    with tempfile.TemporaryDirectory(prefix="ray-") as short:
        main(int(sys.argv[1]), int(sys.argv[2]), short)
