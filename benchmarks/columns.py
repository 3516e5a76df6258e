"""Events from a table of any shape: its columns for time, tenant and label are named, the others are features."""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from benchmarks.events import Events, NotThatFile
from benchmarks.features import Feature, feature_of, plain_names

_UNITS = {"us": 1, "ms": 1_000, "s": 1_000_000, "h": 3_600_000_000, "d": 86_400_000_000}
UNITS = tuple(_UNITS)
_LABELS = {"0": False, "1": True, "false": False, "true": True, "0.0": False, "1.0": True}


@dataclass(frozen=True)
class Columns:
    """Which column is what. Features are those named, or without any all that are left and can be one.

    `unit`: of a time that is a number since 1970.
    """

    time: str
    tenant: str
    label: str
    numeric: Sequence[str] = ()
    categorical: Sequence[str] = ()
    left_out: Sequence[str] = ()
    unit: str = "s"


def read_table(file: Path) -> pa.Table:
    """A Parquet file, or a CSV file by its name. Raises NotThatFile where it is neither."""
    try:
        if ".csv" in file.suffixes:
            return pyarrow.csv.read_csv(file)
        return pq.read_table(file)
    except pa.ArrowInvalid as error:
        raise NotThatFile(f"--data {file}: expected Parquet, or CSV in a file named .csv: {error}") from error


def events_of(
    table: pa.Table, columns: Columns, about: str, split: str, simulated: bool | None
) -> tuple[Events, list[str]]:
    """The events, and the columns that are no features, with the reason. Raises NotThatFile naming the option."""
    _check_names(table, columns)
    occurred_at = _times(table[columns.time], columns)
    order = np.argsort(occurred_at, kind="stable")
    tenants, tenant = _tenants(table[columns.tenant], columns)
    features, without = _features(table, columns)
    if not features:
        raise NotThatFile(f"no column is left to be a feature: {'; '.join(without)}")
    events = Events(
        about=about,
        split=split,
        simulated=simulated,
        tenants=tenants,
        schema=[feature.schema for feature in features],
        occurred_at=occurred_at[order],
        tenant=tenant[order],
        x=np.column_stack([feature.values for feature in features])[order],
        label=_labels(table[columns.label], columns)[order],
    )
    return events, without


def _check_names(table: pa.Table, columns: Columns) -> None:
    named: dict[str, Sequence[str]] = {
        "--time": [columns.time],
        "--tenant": [columns.tenant],
        "--label": [columns.label],
    }
    named["--numeric"], named["--categorical"] = columns.numeric, columns.categorical
    named["--leave-out"] = columns.left_out
    for option, names in named.items():
        for name in names:
            if name not in table.column_names:
                raise NotThatFile(f"{option} {name}: no such column; the file has {', '.join(table.column_names)}")
    if not len(table):
        raise NotThatFile("the file has no rows")


def _times(column: pa.ChunkedArray, columns: Columns) -> NDArray[np.int64]:
    """Microseconds since 1970; a time without a zone is UTC."""
    option = f"--time {columns.time}"
    _check_full(column, option)
    try:
        found = _microseconds(column, _UNITS[columns.unit])
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        message = f"{option}: expected times as 2026-01-31T12:00:00Z, or numbers since 1970 (--time-unit): {error}"
        raise NotThatFile(message) from error
    if not 0 <= found.min() <= found.max() <= time.time() * 1e6:
        raise NotThatFile(f"{option}: expected times from 1970 to now (numbers: see --time-unit), found others")
    return found


def _microseconds(column: pa.ChunkedArray, unit: int) -> NDArray[np.int64]:
    if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
        with np.errstate(invalid="ignore"):
            return np.round(column.to_numpy().astype(np.float64) * unit).astype(np.int64)
    if pa.types.is_timestamp(column.type):
        return column.cast(pa.timestamp("us", column.type.tz), safe=False).cast(pa.int64()).to_numpy()
    try:
        return column.cast(pa.timestamp("us", "UTC")).cast(pa.int64()).to_numpy()
    except pa.ArrowInvalid:  # texts without a zone
        return column.cast(pa.timestamp("us")).cast(pa.int64()).to_numpy()


def _labels(column: pa.ChunkedArray, columns: Columns) -> NDArray[np.bool_]:
    option = f"--label {columns.label}"
    _check_full(column, option)
    texts = [str(value).strip().lower() for value in column.to_pylist()]
    for strange in set(texts) - _LABELS.keys():
        raise NotThatFile(f"{option}: expected 0 and 1, or false and true, found {strange!r}")
    return np.array([_LABELS[text] for text in texts])


def _tenants(column: pa.ChunkedArray, columns: Columns) -> tuple[list[str], NDArray[np.int64]]:
    """Slugs, and each row's place among them."""
    _check_full(column, f"--tenant {columns.tenant}")
    values, places = np.unique(np.array([str(value) for value in column.to_pylist()]), return_inverse=True)
    slugs = [re.sub("[^a-z0-9]+", "-", value.lower()).strip("-")[:40] for value in values.tolist()]
    if len(set(slugs)) < len(slugs) or "" in slugs:
        slugs = [f"{slug or 'tenant'}-{place}" for place, slug in enumerate(slugs)]
    return slugs, places.astype(np.int64)


def _check_full(column: pa.ChunkedArray, option: str) -> None:
    if column.null_count:
        raise NotThatFile(f"{option}: {column.null_count:,} rows have no value there")


def _features(table: pa.Table, columns: Columns) -> tuple[list[Feature], list[str]]:
    taken = {columns.time, columns.tenant, columns.label, *columns.left_out}
    columns_wanted = dict.fromkeys(columns.numeric, False) | dict.fromkeys(columns.categorical, True)
    names = [
        name for name in table.column_names if name not in taken and (not columns_wanted or name in columns_wanted)
    ]
    found: list[Feature] = []
    without: list[str] = []
    for name, plain in zip(names, plain_names(names), strict=True):
        try:
            found.append(feature_of(plain, table[name], columns_wanted.get(name)))
        except NotThatFile as error:
            if columns_wanted:
                raise NotThatFile(
                    f"{'--categorical' if columns_wanted[name] else '--numeric'} {name}: {error}"
                ) from error
            without.append(f"{name}: {error}")
    return found, without
