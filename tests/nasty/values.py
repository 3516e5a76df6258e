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
    "400 digits": DIGITS_400,
    "5,000 digits": DIGITS_5000,
    "2^63": "9223372036854775808",
    "for ever": '"9999-12-31"',
    "the first moment": '"0001-01-01T00:00:00+14:00"',
    "infinity as text": '"inf"',
    "digits as text": f'"{DIGITS_5000}"',
    "90 levels": "[" * 90 + "]" * 90,
    "an object": '{"kind": ["recorded"], "name": {}, "live": 7}',
    "null": "null",
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
    "infinity": "inf",
    "400 digits": DIGITS_400,
    "5,000 digits": DIGITS_5000,
    "for ever": "9999-12-31",
    "the first moment": "0001-01-01T00:00:00+14:00",
    "a place": "253402300799999999.card-payments.%ff",
    "a number of another script": "²",
    "quotes": "'\"\\;--",
    "dots": "..",
    "line breaks": "a\r\nb",
}

# As people type or paste them into a form.
FORMS = {
    "half a character": '"\\uD800"',
    "levels": "[" * 50_000 + "]" * 50_000,
    "pairs of numbers": "0.5 nan\n1e400 1e400\n0.1 0.1",
}
