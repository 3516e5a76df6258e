"""Signatures by which events are told to be nearly the same.

An event has several, each of most of its features, by the bins that these lie in (bins.py). So two events share one
where most of their features are alike, and a few may differ, or happen to lie at the edge of a bin.
"""

import math
import zlib
from collections.abc import Mapping
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

COUNT = 8
OF_AN_HOUR = 64  # events whose signatures are kept of an hour, at most
_SHARE = 0.8  # of the features, that each is of
_FIRST, _FACTOR = 0x811C9DC5, 0x01000193  # of a hash by Fowler, Noll and Vo
_MIX = 0x7FEB352D

Codes = NDArray[np.int64]
Signatures = NDArray[np.uint32]


def signatures(features: Mapping[str, Codes], events: int) -> Signatures:
    """Of so many events (n, COUNT), by the code (n,) of each one's value of each feature; (0, COUNT) of no features."""
    if not features:
        return np.empty((0, COUNT), dtype=np.uint32)
    found = np.empty((events, COUNT), dtype=np.uint32)
    for number in range(COUNT):
        hashed = np.full(events, _FIRST, dtype=np.uint64)
        for name in _names(features, number):
            hashed = _mixed(hashed ^ (features[name].astype(np.uint64) + np.uint64(zlib.crc32(name.encode()))))
        found[:, number] = hashed.astype(np.uint32)
    return found


def _names(features: Mapping[str, Codes], number: int) -> list[str]:
    """Those that a signature is of: the same ones wherever there are the same features."""
    order = sorted(features, key=lambda name: blake2b(f"{number} {name}".encode(), digest_size=8).digest())
    return sorted(order[: math.ceil(_SHARE * len(order))])


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    with np.errstate(over="ignore"):
        found: NDArray[np.uint64] = values * np.uint64(_FACTOR)
        found = (found ^ (found >> np.uint64(15))) * np.uint64(_MIX)
    return found ^ (found >> np.uint64(31))
