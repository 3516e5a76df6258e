"""UUID version 7 (RFC 9562, section 5.7): 48 bits of time in milliseconds, then random bits."""

import os

_RANDOM = (1 << 12) - 1, (1 << 62) - 1


def uuid7(microseconds: int) -> str:
    """A new id for something that occurred then (microseconds since 1970, UTC).

    The time is the event's own, not the clock's: so the id tells in which day of the event log it is found.
    """
    bits = int.from_bytes(os.urandom(10), "big")
    value = (microseconds // 1000 & (1 << 48) - 1) << 80
    value |= 0x7 << 76 | (bits >> 62 & _RANDOM[0]) << 64
    value |= 0b10 << 62 | bits & _RANDOM[1]
    digits = f"{value:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
