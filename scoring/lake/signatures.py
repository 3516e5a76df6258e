"""Signatures of events in tables, by their features' columns."""

import zlib
from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from scoring.engine import bins, signatures
from scoring.engine.signatures import Codes, Signatures

_NONE = 1 << 40  # no bin's number, nor a hash of a text


def signatures_of(features: Mapping[str, pa.Array], events: int) -> Signatures:
    """Of so many events, by the values of each feature."""
    return signatures.signatures({name: _codes(values) for name, values in features.items()}, events)


def _codes(values: pa.Array) -> Codes:
    """The bin of each number; of other values a hash. What is null, or no finite number, is alike."""
    if pa.types.is_floating(values.type) or pa.types.is_integer(values.type):
        numbers = values.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
        finite = np.isfinite(numbers)
        return np.where(finite, bins.of_numbers(np.where(finite, numbers, 0.0)), _NONE)
    texts = values.cast(pa.string()).dictionary_encode()
    hashes = np.array([*(zlib.crc32(each.encode()) for each in texts.dictionary.to_pylist()), _NONE], dtype=np.int64)
    return hashes[np.array(pc.fill_null(texts.indices, -1), dtype=np.int64)]
