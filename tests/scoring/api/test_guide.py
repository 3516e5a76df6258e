"""The guide's Python for batches in columns: it runs as it stands there, and sends what is read."""

import io
import json
import os
import re
import urllib.request
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from scoring.serving import tables
from scoring.serving.columnar import answers, stream
from scoring.serving.requests import BatchAnswer, EventScore

GUIDE = Path(__file__).parents[3] / "docs/guides/client-engineer.md"


def _code(word: str) -> str:
    """The guide's one piece of Python that has this word."""
    found = [each for each in re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL) if word in each]
    assert len(found) == 1
    return found[0]


def test_guide__its_line_of_pandas__makes_a_table_with_null_for_nan() -> None:
    frame = pd.DataFrame(
        {"features.amount": [310.0, np.nan], "features.hour": [3, 4], "context.channel": ["web", None]}
    )
    known: dict[str, Any] = {"events": frame}
    exec(_code("to_dict"), known)
    assert json.loads(json.dumps(known["body"], allow_nan=False)) == {
        "intent": "card-payments",
        "columns": ["features.amount", "features.hour", "context.channel"],
        "data": [[310.0, 3, "web"], [None, 4, None]],
    }
    assert tables.is_table(known["body"])


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
    exec(_code("pyarrow"), {})
    (request,) = sent
    assert request.get_header("Content-type") == stream.CONTENT_TYPE
    assert request.full_url == "http://muse/api/v1/score/batch?intent=card-payments"
    found = stream.read(request.data, 10, 1000)
    assert found.below("features")["amount"] == pa.array([310.0])
    assert "'score': 0.5" in capsys.readouterr().out
