"""Places in an object store, by their URLs: as delta-rs reaches them, as Arrow does, and as Django's file storage.

What the S3 settings leave empty is found as both libraries find it: in the environment, or by the machine's role.
Places of other schemes know nothing but the environment.
"""

from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import Storage
from django.utils.deconstruct import deconstructible

if TYPE_CHECKING:
    import pyarrow.fs

_CHUNK = 1 << 20
_DELTA = {"endpoint": "aws_endpoint_url", "region": "aws_region", "access_key": "aws_access_key_id",
          "secret_key": "aws_secret_access_key"}  # fmt: skip


def is_place(name: str) -> bool:
    """Whether this is a URL, and no folder of this machine."""
    return "://" in name


def delta_options(place: str) -> dict[str, str] | None:
    """What delta-rs needs to know of a place; None where it needs nothing.

    Two writers of one table are told apart by conditional puts: of a version's file, only the first is taken.
    """
    if not place.startswith("s3://"):
        return None
    known = {_DELTA[name]: value for name, value in settings.OBJECT_STORE.items() if value}
    plain = {"aws_allow_http": "true"} if settings.OBJECT_STORE["endpoint"].startswith("http://") else {}
    return known | plain | {"aws_conditional_put": "etag"}


def filesystem(place: str) -> tuple["pyarrow.fs.FileSystem", str]:
    """Arrow's view of a place, and its own path in it."""
    from pyarrow.fs import FileSystem

    if not place.startswith("s3://"):
        files, path = FileSystem.from_uri(place)
        return files, path.rstrip("/")
    parts = urlsplit(place)
    return _s3(**settings.OBJECT_STORE), f"{parts.netloc}{parts.path}".rstrip("/")


@lru_cache(maxsize=4)
def _s3(endpoint: str, region: str, access_key: str, secret_key: str) -> "pyarrow.fs.S3FileSystem":
    """One of each, for it keeps its connections."""
    from pyarrow.fs import S3FileSystem

    at = urlsplit(endpoint)
    where = {"endpoint_override": at.netloc, "scheme": at.scheme} if endpoint else {}
    who = {"access_key": access_key, "secret_key": secret_key} if access_key else {}
    return S3FileSystem(region=region or None, connect_timeout=5, **where, **who)


@deconstructible
class ObjectStorage(Storage):
    """Django's file storage at a place. Files appear whole or not at all; one that is saved again is replaced."""

    def __init__(self, place: str) -> None:
        self.place = place

    def _at(self, name: str) -> tuple["pyarrow.fs.FileSystem", str]:
        files, root = filesystem(self.place)
        return files, f"{root}/{name}".rstrip("/")

    def _info(self, name: str) -> "pyarrow.fs.FileInfo":
        files, path = self._at(name)
        return files.get_file_info(path)

    def _open(self, name: str, mode: str = "rb") -> File:
        files, path = self._at(name)
        return File(files.open_input_file(path), name=name)

    def _save(self, name: str, content: IO[Any]) -> str:
        files, path = self._at(name)
        content.seek(0)
        try:
            with files.open_output_stream(path) as stream:
                while chunk := content.read(_CHUNK):
                    stream.write(chunk)
        except BaseException:
            self.delete(name)  # closing has kept what was written so far
            raise
        return name

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """The name itself: files are called by their digests."""
        return name

    def exists(self, name: str) -> bool:
        return bool(self._info(name).is_file)

    def size(self, name: str) -> int:
        info = self._info(name)
        if not info.is_file:
            raise FileNotFoundError(name)
        return int(info.size)

    def delete(self, name: str) -> None:
        """Delete a file; nothing happens where there is none, for folders are only parts of names."""
        files, path = self._at(name)
        with suppress(FileNotFoundError):
            if files.get_file_info(path).is_file:
                files.delete_file(path)

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        """Names of folders and of files; none where nothing is."""
        from pyarrow.fs import FileSelector

        files, at = self._at(path)
        found = files.get_file_info(FileSelector(at, allow_not_found=True))
        names: Mapping[bool, list[str]] = {True: [], False: []}
        for each in found:
            names[each.is_file].append(each.base_name)
        return sorted(names[False]), sorted(names[True])
