"""What the console's templates do to values."""

import pytest

from models_app.templatetags.console import unparted

SPACE = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1.02 % [0.97, 1.07]", f"1.02{SPACE}% [0.97, 1.07]"),
        ("from 5 % to 6 %.", f"from 5{SPACE}% to 6{SPACE}%."),
        ("in % of events", "in % of events"),
        (3, 3),
    ],
)
def test_unparted__number_and_its_percent_sign__stay_in_one_line(value: object, expected: object) -> None:
    assert unparted(value) == expected
