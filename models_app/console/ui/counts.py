"""Numbers of things in words."""


def counted(number: float, noun: str) -> str:
    """As `1 day`, `2.5 days`, `1,234 events`."""
    return f"{number:,.10g} {noun}" if number == 1 else f"{number:,.10g} {noun}s"
