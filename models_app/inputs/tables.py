"""Uploaded tables, CSV or Parquet: one look at what they are, and one set of words for what they are not. No Django."""

import codecs
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

PARQUET_MAGIC = b"PAR1"
BYTES_AT_ONCE = 2**20
SAVE_ANEW = "save it as UTF-8 (in Excel: CSV UTF-8)"
OTHER_KINDS = (
    (codecs.BOM_UTF16_LE, f"text in UTF-16; {SAVE_ANEW}"),
    (codecs.BOM_UTF16_BE, f"text in UTF-16; {SAVE_ANEW}"),
    (b"\x1f\x8b", "compressed with gzip; unpack it, and save it as UTF-8"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd; unpack it, and save it as UTF-8"),
    (b"PK\x03\x04", f"a zip archive or a workbook; {SAVE_ANEW}"),
    (b"\x89PNG", "a picture"),
)


class TableError(ValueError):
    """A file that is no table that can be read, with what it is instead and the way out."""


def is_parquet(path: Path) -> bool:
    """Tell a Parquet file by how it begins, whatever its name; any other is taken for CSV."""
    with path.open("rb") as file:
        return file.read(4) == PARQUET_MAGIC


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Around all that reads the file with Arrow. Raises TableError for what is neither CSV in UTF-8 nor Parquet."""
    if not is_parquet(path):
        _check_text(path)
    try:
        yield
    except (pa.ArrowException, UnicodeDecodeError, OSError) as error:
        message = (str(error).splitlines() or [""])[0].replace(str(path), "the file")[:300]
        raise TableError(f"the file is not readable as Parquet or CSV with a header: {message}") from None


def _check_text(path: Path) -> None:
    decoder, lines = codecs.getincrementaldecoder("utf-8")(), 1
    with path.open("rb") as file:
        for place, part in enumerate(iter(lambda: file.read(BYTES_AT_ONCE), b"")):
            if place == 0:
                _check_kind(part)
            if b"\0" in part:
                raise _not_text("the character NUL", lines + part[: part.index(b"\0")].count(b"\n"))
            _decode(decoder, part, lines)
            lines += part.count(b"\n")
        _decode(decoder, b"", lines, final=True)


def _check_kind(beginning: bytes) -> None:
    for start, kind in OTHER_KINDS:
        if beginning.startswith(start):
            raise TableError(f"expected CSV in UTF-8 or Parquet, found {kind}")


def _decode(decoder: codecs.IncrementalDecoder, part: bytes, line: int, *, final: bool = False) -> None:
    try:
        decoder.decode(part, final)
    except UnicodeDecodeError as error:
        found = f"the byte 0x{error.object[error.start]:02x}"
        raise _not_text(found, line + error.object[: error.start].count(b"\n")) from None


def _not_text(found: str, line: int) -> TableError:
    return TableError(f"expected CSV in UTF-8 or Parquet, found {found} in line {line:,}; {SAVE_ANEW}")
