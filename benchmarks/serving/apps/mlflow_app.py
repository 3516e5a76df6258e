"""MLflow's scoring server on its ONNX flavour, without a signature, on uvloop and httptools, without access log.

python mlflow_app.py PORT PROCESSES
"""

import os
import sys
import tempfile
from pathlib import Path

import mlflow.onnx
import onnx
import uvicorn
from mlflow.pyfunc import scoring_server

if __name__ == "__main__":
    port, processes = map(int, sys.argv[1:])
    with tempfile.TemporaryDirectory(prefix="mlflow-") as folder:
        one = {"intra_op_num_threads": 1, "inter_op_num_threads": 1}
        saved = Path(folder) / "model"
        mlflow.onnx.save_model(onnx.load(os.environ["BENCH_MODEL"]), saved, onnx_session_options=one,
                               save_as_external_data=False)  # fmt: skip
        os.environ[scoring_server._SERVER_MODEL_PATH] = str(saved)
        uvicorn.run("mlflow.pyfunc.scoring_server.app:app", host="127.0.0.1", port=port, workers=processes,
                    loop="uvloop", http="httptools", access_log=False)  # fmt: skip
