"""Compressed bodies, gzip and zstd: expanded in small steps, so that a small body never becomes a large one unseen."""

import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import zstandard

from tenants.refusals import TooLarge, Unreadable

# Bytes that go in at once. Of zstd, four may come out as 128 KiB, so at most 8 MiB come out before they are counted.
_STEP = 256
_WINDOW = 8 * 1024**2  # what RFC 9659 has senders keep to; more would be this process's memory

_DECODERS: dict[str, Callable[[], Any]] = {
    "gzip": lambda: zlib.decompressobj(wbits=16 + zlib.MAX_WBITS),
    "zstd": lambda: zstandard.ZstdDecompressor(max_window_size=_WINDOW).decompressobj(),
}
# Frames that follow each other are one body. Each costs something whatever it holds, and an empty one has nine bytes.
_MOST_FRAMES = 10_000
ENCODINGS = tuple(_DECODERS)


def expanded(pieces: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """What pieces of one of the ENCODINGS hold. Raises Unreadable where they are broken or cut off, TooLarge."""
    decoder, frames = _DECODERS[encoding](), 1
    try:
        for step in _steps(pieces):
            while step:
                if decoder.eof:
                    decoder, frames = _DECODERS[encoding](), frames + 1
                    _check_frames(frames, encoding)
                yield decoder.decompress(step)
                step = decoder.unused_data if decoder.eof else b""
    except (zlib.error, zstandard.ZstdError) as error:
        raise Unreadable(f"The body is not {encoding}: {error}.") from error
    if not decoder.eof:
        raise Unreadable(f"The body ends before its {encoding} does.")


def _check_frames(frames: int, encoding: str) -> None:
    if frames > _MOST_FRAMES:
        expected = f"at most {_MOST_FRAMES} {encoding} frames; compress all of it at once"
        raise TooLarge(faults=[{"field": "body", "expected": expected, "found": "more"}])


def _steps(pieces: Iterable[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        for at in range(0, len(piece), _STEP):
            yield piece[at : at + _STEP]
