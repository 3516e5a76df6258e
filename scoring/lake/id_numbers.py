"""A number of 64 bits for each event id, by which events are drawn: the same one always, wherever it is computed.

It is a hash of our own, of few steps that NumPy takes for many ids at once: DuckDB's quick hash may change with its
version, and those of its hashes that are standards take half a microsecond an id. Whatever is changed here draws other
events: docs/adr/0009-events-are-drawn-by-our-own-hash.md.
"""

import hashlib

import numpy as np
import pyarrow as pa
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Numbers = NDArray[np.uint64]

# The finaliser of MurmurHash3: each bit that goes in changes each that comes out by an even chance.
_SHIFT, _FIRST, _SECOND = np.uint64(33), np.uint64(0xFF51AFD7ED558CCD), np.uint64(0xC4CEB9FE1A85EC53)
_WORD = np.dtype("<u8")


def seed_number(seed: str) -> int:
    """What a seed of any length begins with, of 64 bits."""
    return int.from_bytes(hashlib.sha256(seed.encode()).digest()[: _WORD.itemsize], "little")


def id_numbers(ids: pa.Array | pa.ChunkedArray, seeds: pa.Array | pa.ChunkedArray) -> pa.Array:
    """The numbers (n,) of n ids, none of them null; `seeds` (n,) is a seed's number, the same in each row."""
    texts = ids.cast(pa.large_string())
    whole = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    starts, data = _bytes_of(whole)
    lengths, numbers = np.diff(starts), np.empty(len(whole), np.uint64)
    seed = np.uint64(seeds[0].as_py() if len(seeds) else 0)
    # Most tables have ids of one length, which lie one after the other as rows of a table.
    if len(lengths) and np.all(lengths == lengths[0]):
        return pa.array(_numbers(data[starts[0] : starts[-1]].reshape(len(whole), int(lengths[0])), seed))
    for length in np.unique(lengths):
        rows = np.nonzero(lengths == length)[0]
        numbers[rows] = _numbers(_rows(data, starts[rows], int(length)), seed)
    return pa.array(numbers)


def _bytes_of(ids: pa.LargeStringArray) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Where each id begins in UTF-8, and last where they end; and that text."""
    _, starts, data = ids.buffers()
    if not len(ids):
        return np.zeros(1, np.int64), np.empty(0, np.uint8)
    where = np.frombuffer(starts, np.int64, len(ids) + 1, ids.offset * np.dtype(np.int64).itemsize)
    return where, np.frombuffer(data, np.uint8) if data else np.empty(0, np.uint8)


def _rows(data: NDArray[np.uint8], starts: NDArray[np.int64], length: int) -> NDArray[np.uint8]:
    """The ids (n, length) that begin there."""
    return sliding_window_view(data, length)[starts] if length else np.empty((len(starts), 0), np.uint8)


def _numbers(ids: NDArray[np.uint8], seed: np.uint64) -> Numbers:
    """Of ids (n, length) of one length: eight bytes after the other, the last filled up with zeros, are mixed in."""
    n, length = ids.shape
    filled = np.zeros((n, -(-length // _WORD.itemsize) * _WORD.itemsize), np.uint8)
    filled[:, :length] = ids
    number = _mixed(np.full(n, seed ^ np.uint64(length)))
    for word in filled.view(_WORD).T:
        number = _mixed(number ^ word)
    return number


def _mixed(number: Numbers) -> Numbers:
    """In place; products are taken modulo 2⁶⁴."""
    number ^= number >> _SHIFT
    number *= _FIRST
    number ^= number >> _SHIFT
    number *= _SECOND
    number ^= number >> _SHIFT
    return number
