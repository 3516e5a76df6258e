"""Arrow columns as the engine takes them."""

import numpy as np
import pyarrow as pa

from scoring.engine.given import Given


def given_of(column: pa.Array) -> Given:
    """A column of numbers, booleans or texts as arrays."""
    null = np.asarray(column.is_null()) if column.null_count else None
    if pa.types.is_null(column.type):
        return Given(np.zeros(len(column)), np.ones(len(column), dtype=bool))
    if pa.types.is_string(column.type):
        encoded = column.dictionary_encode()
        names = tuple(encoded.dictionary.to_pylist())
        return Given(np.asarray(encoded.indices.fill_null(len(names))), null, names)
    if null is not None:
        column = column.fill_null(False if pa.types.is_boolean(column.type) else 0)
    return Given(column.to_numpy(zero_copy_only=False), null)
