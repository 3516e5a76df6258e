"""What has broken programs before: texts and numbers that are allowed where they come, and are no more than odd."""

DIGITS_400, DIGITS_5000 = "1" + "0" * 400, "1" + "0" * 5_000

# As JSON has them, or as many libraries write it.
JSON = {
    "half a character": '"\\ud800"',
    "half a character in a name": '{"\\ud800": NaN}',
    "NUL": '"a\\u0000b"',
    "NUL in a name": '{"\\u0000": 1}',
    "NaN": "NaN",
    "beyond any float": "1e400",
    "the largest float": "1.7976931348623157e308",
    "400 digits": DIGITS_400,
    "400 digits, negative": f"-{DIGITS_400}",
    "5,000 digits": DIGITS_5000,
    "2^53 + 1": "9007199254740993",
    "2^63": "9223372036854775808",
    "minus one": "-1",
    "for ever": '"9999-12-31"',
    "the last moment": '"9999-12-31T23:59:59.999999Z"',
    "the first moment": '"0001-01-01T00:00:00+14:00"',
    "no day": '"2026-99-99"',
    "infinity as text": '"inf"',
    "a number as text": '"1e400"',
    "digits as text": f'"{DIGITS_5000}"',
    "a template": '"{source}"',
    "markup": '"<b>\'\\"&"',
    "long": f'"{"é" * 20_000}"',
    "90 levels": "[" * 90 + "]" * 90,
    "objects in objects": '{"a":' * 90 + "1" + "}" * 90,
    "an array": "[[], {}, null]",
    "an object": '{"kind": ["recorded"], "name": {}, "live": 7}',
    "null": "null",
    "true": "true",
    "nothing": '""',
}
BODIES = {
    "too deep": "[" * 100_000,
    "too deep, and closed": "[" * 50_000 + "]" * 50_000,
    "UTF-16": '{"name": "x"}'.encode("utf-16"),
    "a mark": b"\xef\xbb\xbf{}",
    "gzip": b"\x1f\x8b\x08\x00",
    "Latin-1": b'{"name": "\xe9"}',
    "no object": "7",
}

# As an address has them: of a path or of a parameter.
TEXTS = {
    "NUL": "a\x00b",
    "NaN": "NaN",
    "infinity": "inf",
    "beyond any float": "1e400",
    "400 digits": DIGITS_400,
    "5,000 digits": DIGITS_5000,
    "2^63": "9223372036854775808",
    "minus one": "-1",
    "for ever": "9999-12-31",
    "the last moment": "9999-12-31T23:59:59.999999Z",
    "the first moment": "0001-01-01T00:00:00+14:00",
    "a place": "253402300799999999.card-payments.%ff",
    "a pair": "channel=\x00",
    "a number of another script": "²",
    "a template": "{source}",
    "quotes": "'\"\\;--",
    "dots": "..",
    "slashes": "a/../b",
    "line breaks": "a\r\nb",
}
