import pytest

from models_app.statistics.in_words import number, percent


@pytest.mark.parametrize(
    ("share", "digits", "sign", "expected"),
    [
        (0.05, 3, "", "5 %"),
        (0.0123456, 3, "", "1.23 %"),
        (0.996, 2, "", "100 %"),
        (0.0, 3, "", "0 %"),
        (12.0, 3, "+", "+1,200 %"),
        (-0.1, 3, "+", "-10 %"),
    ],
)
def test_percent__of_a_share__has_a_space_and_no_powers_of_ten(
    share: float, digits: int, sign: str, expected: str
) -> None:
    assert percent(share, digits, sign) == expected


def test_number__that_is_great__is_told_in_full() -> None:
    assert number(400.4, 2) == "400"
