"""The guide's Python for batches in columns: it runs as it stands there, and sends what is read."""

import io
import os
import re
import urllib.request
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from scoring.serving.columnar import answers, stream
from scoring.serving.requests import BatchAnswer, EventScore

GUIDE = Path(__file__).parents[3] / "docs/guides/client-engineer.md"


def test_guide__its_python__sends_columns_that_are_read(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sent: list[Any] = []
    score = EventScore("order-4713", 0.5, 0.25, "cards@1", 10)

    def answer(request: Any) -> io.BytesIO:
        sent.append(request)
        return io.BytesIO(answers.as_stream(BatchAnswer(2, [score])))

    monkeypatch.setattr(os, "environ", {**os.environ, "MUSE": "http://muse", "KEY": "muse_key"})
    monkeypatch.setattr(urllib.request, "urlopen", answer)
    (code,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    exec(code, {})
    (request,) = sent
    assert request.get_header("Content-type") == stream.CONTENT_TYPE
    assert request.full_url == "http://muse/api/v1/score/batch?intent=card-payments"
    found = stream.read(request.data, 10, 1000)
    assert found.below("features")["amount"] == pa.array([310.0])
    assert "'score': 0.5" in capsys.readouterr().out
