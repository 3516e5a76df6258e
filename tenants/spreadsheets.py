"""What people named, in files that a spreadsheet opens. muse_site/static/muse/figures.js does as this does."""

import re
from typing import Any

FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")  # some spreadsheet runs what begins so
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?", re.IGNORECASE)


def in_cell(value: Any) -> Any:
    """Text that would be run as a formula, behind an apostrophe; numbers, and texts that are one, as they are."""
    if isinstance(value, str) and value.startswith(FORMULA) and not _NUMBER.fullmatch(value):
        return f"'{value}"
    return value
