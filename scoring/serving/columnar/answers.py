"""Answers to batches as an Arrow stream, and those in columns as rows."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
from msgspec import UNSET

from scoring.engine.fallback import Degraded
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

DEGRADED = pa.field("degraded", pa.struct([("reason", pa.string()), ("by", pa.string())]))


def as_stream(answer: Answer) -> bytes:
    """A row for each event, in order; those that are refused have `errors` and nothing else but the release.

    Where any is degraded, there is a column that says so.
    """
    columns = _of_arrays(answer) if isinstance(answer, BatchArrays) else _of_rows(answer)
    count = len(columns["score"])
    columns["release"] = pa.array(np.full(count, answer.release))
    schema = SCHEMA.append(DEGRADED) if "degraded" in columns else SCHEMA
    arrays = [pa.array(columns[field.name], field.type) for field in schema]
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema) as writer:
        writer.write_batch(pa.RecordBatch.from_arrays(arrays, schema=schema))
    return sink.getvalue().to_pybytes()


def as_rows(answer: Answer) -> BatchAnswer:
    """The answer as JSON has it."""
    if isinstance(answer, BatchAnswer):
        return answer
    results: list[Any] = [None] * len(answer.ids)
    ids = answer.ids.to_pylist()
    for group in answer.groups:
        columns = (group.rows.tolist(), group.score.tolist(), group.probability.tolist())
        target = group.predictor, group.transform, group.degraded or UNSET
        for row, score, probability in zip(*columns, strict=True):
            results[row] = EventScore(ids[row], score, probability, *target)
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
    fixed = np.isnan(probability)
    return _degraded([(group.rows.tolist(), group.degraded) for group in answer.groups], count) | {
        "event_id": pa.array(answer.ids.to_pylist(), pa.string(), mask=mask) if answer.faults else answer.ids,
        "score": pa.array(score, mask=mask),
        "probability": pa.array(probability, mask=refused | fixed if fixed.any() else mask),
        "predictor": _dictionary(target, mask, [group.predictor for group in answer.groups]),
        "transform": pa.array(np.array([group.transform for group in answer.groups] or [0])[target], mask=mask),
        "errors": _errors(answer.faults, count),
    }


def _dictionary(places: np.ndarray, mask: np.ndarray | None, names: list[str]) -> pa.Array:
    """Each name once, whatever number of groups it answered."""
    once = list(dict.fromkeys(names))
    of_group = np.array([once.index(name) for name in names] or [0], dtype=np.int32)
    return pa.DictionaryArray.from_arrays(pa.array(of_group[places], mask=mask), pa.array(once, pa.string()))


def _degraded(groups: Iterable[tuple[list[int], Degraded | None]], count: int) -> dict[str, Any]:
    """The column of those that are degraded, by their places; none where there are none."""
    column: list[dict[str, str] | None] = [None] * count
    for rows, degraded in groups:
        for row in rows if degraded else ():
            column[row] = msgspec.to_builtins(degraded)
    return {"degraded": column} if any(column) else {}


def _errors(faults: Mapping[int, list[Fault]], count: int) -> pa.Array:
    return pa.array([faults.get(row) for row in range(count)], ERRORS) if faults else pa.nulls(count, ERRORS)


def _of_rows(answer: BatchAnswer) -> dict[str, Any]:
    names = ("event_id", "score", "probability", "predictor", "transform")
    columns: dict[str, Any] = {name: [getattr(each, name, None) for each in answer.results] for name in names}
    refused = {
        each.index: [Fault(field=one.field, expected=one.expected, found=one.found) for one in each.errors]
        for each in answer.results if isinstance(each, EventRefused)
    }  # fmt: skip
    columns["probability"] = [None if each != each else each for each in columns["probability"]]  # NaN, which is null
    columns |= _degraded(
        [([place], getattr(each, "degraded", None) or None) for place, each in enumerate(answer.results)],
        len(answer.results),
    )
    return columns | {"errors": _errors(refused, len(answer.results))}
