"""The limit: a WSGI callable that decodes an event, runs the model and encodes its probability. Nothing else."""

from typing import Any

import msgspec

from benchmarks.serving.apps.model import NAMES, probability


class Event(msgspec.Struct):
    features: dict[str, float]


_decoder = msgspec.json.Decoder(Event)
_encoder = msgspec.json.Encoder()


def application(environ: dict[str, Any], start_response: Any) -> tuple[bytes]:
    event = _decoder.decode(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
    answer = _encoder.encode({"probability": probability([event.features[name] for name in NAMES])})
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(answer)))])
    return (answer,)
