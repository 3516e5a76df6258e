"""Serve, the data plane."""

import os

# The official onnxruntime tells its maker about the models that it loads, and asks for this before it is imported.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
