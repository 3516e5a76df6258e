"""Numbers as people read them, everywhere in one form."""


def number(value: float, digits: int = 3, sign: str = "") -> str:
    """This many digits that count, great numbers in full; `sign` `+` shows it always."""
    return f"{value:{sign},.0f}" if abs(value) >= 10**digits - 0.5 else f"{value:{sign}.{digits}g}"


def percent(share: float, digits: int = 3, sign: str = "") -> str:
    """As `5 %` or `0.0987 %`."""
    return f"{number(100 * share, digits, sign)} %"
