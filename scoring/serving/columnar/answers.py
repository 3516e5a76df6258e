"""Answers to batches as an Arrow stream, and those in columns as rows."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from scoring.engine.faults import Fault
from scoring.serving.columnar.batch import BatchArrays
from scoring.serving.requests import BatchAnswer, EventRefused, EventScore, FaultInBatch

Answer = BatchAnswer | BatchArrays
ERRORS = pa.list_(pa.struct([("field", pa.string()), ("expected", pa.string()), ("found", pa.string())]))
SCHEMA = pa.schema(
    [
        ("event_id", pa.string()),
        ("score", pa.float64()),
        ("probability", pa.float64()),
        ("predictor", pa.dictionary(pa.int32(), pa.string())),
        ("transform", pa.int64()),
        ("release", pa.int64()),
        ("errors", ERRORS),
    ]
)


def as_stream(answer: Answer) -> bytes:
    """A row for each event, in order; those that are refused have `errors` and nothing else but the release."""
    columns = _of_arrays(answer) if isinstance(answer, BatchArrays) else _of_rows(answer)
    count = len(columns["score"])
    columns["release"] = pa.array(np.full(count, answer.release))
    arrays = [pa.array(columns[field.name], field.type) for field in SCHEMA]
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, SCHEMA) as writer:
        writer.write_batch(pa.RecordBatch.from_arrays(arrays, schema=SCHEMA))
    return sink.getvalue().to_pybytes()


def as_rows(answer: Answer) -> BatchAnswer:
    """The answer as JSON has it."""
    if isinstance(answer, BatchAnswer):
        return answer
    results: list[Any] = [None] * len(answer.ids)
    ids = answer.ids.to_pylist()
    for group in answer.groups:
        columns = (group.rows.tolist(), group.score.tolist(), group.probability.tolist())
        for row, score, probability in zip(*columns, strict=True):
            results[row] = EventScore(ids[row], score, probability, group.predictor, group.transform)
    for row, found in answer.faults.items():
        results[row] = EventRefused(row, [FaultInBatch(**each) for each in found])
    return BatchAnswer(answer.release, results)


def _of_arrays(answer: BatchArrays) -> dict[str, Any]:
    count = len(answer.ids)
    score, probability = np.zeros(count), np.zeros(count)
    target = np.zeros(count, dtype=np.int32)
    for place, group in enumerate(answer.groups):
        score[group.rows], probability[group.rows], target[group.rows] = group.score, group.probability, place
    refused = np.zeros(count, dtype=bool)
    refused[list(answer.faults)] = True
    mask = refused if answer.faults else None
    return {
        "event_id": pa.array(answer.ids.to_pylist(), pa.string(), mask=mask) if answer.faults else answer.ids,
        "score": pa.array(score, mask=mask),
        "probability": pa.array(probability, mask=mask),
        "predictor": _dictionary(target, mask, [group.predictor for group in answer.groups]),
        "transform": pa.array(np.array([group.transform for group in answer.groups] or [0])[target], mask=mask),
        "errors": _errors(answer.faults, count),
    }


def _dictionary(places: np.ndarray, mask: np.ndarray | None, names: list[str]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(places, mask=mask), pa.array(names, pa.string()))


def _errors(faults: Mapping[int, list[Fault]], count: int) -> pa.Array:
    return pa.array([faults.get(row) for row in range(count)], ERRORS) if faults else pa.nulls(count, ERRORS)


def _of_rows(answer: BatchAnswer) -> dict[str, Any]:
    names = ("event_id", "score", "probability", "predictor", "transform")
    columns: dict[str, Any] = {name: [getattr(each, name, None) for each in answer.results] for name in names}
    refused = {
        each.index: [Fault(field=one.field, expected=one.expected, found=one.found) for one in each.errors]
        for each in answer.results if isinstance(each, EventRefused)
    }  # fmt: skip
    return columns | {"errors": _errors(refused, len(answer.results))}
