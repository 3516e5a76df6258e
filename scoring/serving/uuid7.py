"""UUID version 7 (RFC 9562, section 5.7): 48 bits of time in milliseconds, then random bits."""

import os
from collections.abc import Sequence

_BYTES = 10  # random ones of an id, of which 74 bits are taken
_TIME = (1 << 48) - 1
_VARIANT = dict(zip("0123456789abcdef", "89ab" * 4, strict=True))


def uuid7(microseconds: int) -> str:
    """A new id for something that occurred then (microseconds since 1970, UTC).

    The time is the event's own, not the clock's: so the id tells in which day of the event log it is found.
    """
    return uuid7s([microseconds])[0]


def uuid7s(times: Sequence[int]) -> list[str]:
    """The same for each of these times; in a batch many are equal, and asking the system once is cheaper."""
    random = os.urandom(_BYTES * len(times))
    found, last, begin = [], -1, ""
    for start, time in zip(range(0, len(random), _BYTES), times, strict=True):
        if time != last:
            stamp, last = f"{time // 1000 & _TIME:012x}", time
            begin = f"{stamp[:8]}-{stamp[8:]}-7"
        digits = random[start : start + _BYTES].hex()
        found.append(f"{begin}{digits[1:4]}-{_VARIANT[digits[4]]}{digits[5:8]}-{digits[8:]}")
    return found
