"""UUID version 7 (RFC 9562, section 5.7): 48 bits of time in milliseconds, then random bits."""

from collections.abc import Sequence
from os import urandom

import numpy as np
from numpy.typing import NDArray

LENGTH = 36  # of the text of an id
_BYTES = 10  # random ones of an id, of which 74 bits are taken
_TIME = (1 << 48) - 1
_VARIANT = dict(zip("0123456789abcdef", "89ab" * 4, strict=True))


def uuid7(microseconds: int) -> str:
    """A new id for something that occurred then (microseconds since 1970, UTC).

    The time is the event's own, not the clock's: so the id tells in which day of the event log it is found.
    """
    stamp, digits = f"{microseconds // 1000 & _TIME:012x}", urandom(_BYTES).hex()
    return f"{stamp[:8]}-{stamp[8:]}-7{digits[1:4]}-{_VARIANT[digits[4]]}{digits[5:8]}-{digits[8:]}"


def uuid7s(times: Sequence[int]) -> list[str]:
    """The same for each of these times; in a batch many are equal, and asking the system once is cheaper."""
    random = urandom(_BYTES * len(times))
    found, last, begin = [], -1, ""
    for start, time in zip(range(0, len(random), _BYTES), times, strict=True):
        if time != last:
            stamp, last = f"{time // 1000 & _TIME:012x}", time
            begin = f"{stamp[:8]}-{stamp[8:]}-7"
        digits = random[start : start + _BYTES].hex()
        found.append(f"{begin}{digits[1:4]}-{_VARIANT[digits[4]]}{digits[5:8]}-{digits[8:]}")
    return found


def letters(microseconds: NDArray[np.int64]) -> NDArray[np.uint8]:
    """New ids for n events that occurred then: the letters of each (n, 36), as `uuid7` makes them."""
    count = len(microseconds)
    octets = np.frombuffer(urandom(16 * count), dtype=np.uint8).reshape(count, 16).copy()
    milliseconds = (microseconds // 1000 & (1 << 48) - 1).astype(">u8").view(np.uint8).reshape(count, 8)
    octets[:, :6] = milliseconds[:, 2:]
    octets[:, 6] = octets[:, 6] & 0x0F | 0x70
    octets[:, 8] = octets[:, 8] & 0x3F | 0x80
    digits = _PAIRS[octets].view(np.uint8)
    found = np.full((count, LENGTH), ord("-"), dtype=np.uint8)
    begin = 0
    for place, length in _GROUPS:
        found[:, place : place + length] = digits[:, begin : begin + length]
        begin += length
    return found


_PAIRS = np.frombuffer(b"".join(b"%02x" % octet for octet in range(256)), dtype=np.uint16)
_GROUPS = ((0, 8), (9, 4), (14, 4), (19, 4), (24, 12))  # of the text: where each begins, and its digits
