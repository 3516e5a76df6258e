"""A request in the words of WSGI, from its head as it was read."""

import sys
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote_to_bytes
from wsgiref.util import FileWrapper

Environ = dict[str, Any]
EXTENSION = "muse.environ"  # of ASGI: what else an application is to be told
_BARE = {"CONTENT_TYPE", "CONTENT_LENGTH"}  # whose names in WSGI do not begin with HTTP_
_FILE_PARTS = 65_536  # bytes; each goes from one thread to another


def _in_parts(file: Any, size: int = 0) -> FileWrapper:
    """A file as parts of an answer, larger ones than Django asks for."""
    return FileWrapper(file, _FILE_PARTS)


_ALWAYS: Environ = {
    "SCRIPT_NAME": "",
    "SERVER_PROTOCOL": "HTTP/1.1",
    "wsgi.version": (1, 0),
    "wsgi.errors": sys.stderr,
    "wsgi.file_wrapper": _in_parts,
    "wsgi.input_terminated": True,
    "wsgi.multithread": True,
    "wsgi.multiprocess": True,
    "wsgi.run_once": False,
}


def environ(method: str, path: bytes, query: bytes, headers: Iterable[tuple[bytes, bytes]], **more: Any) -> Environ:
    """What a WSGI application is told. `more` comes on top.

    Headers with an underscore in their names are left out: they could not be told from those with a hyphen, which a
    proxy may have set or removed.
    """
    found: Environ = {**_ALWAYS, "REQUEST_METHOD": method, "QUERY_STRING": query.decode("latin-1")}
    found["PATH_INFO"] = unquote_to_bytes(path).decode("latin-1")
    for name, value in headers:
        if b"_" not in name:
            _add(found, name.decode("latin-1").upper().replace("-", "_"), value.decode("latin-1"))
    return {**found, **more}


def _add(found: Environ, name: str, value: str) -> None:
    key = name if name in _BARE else f"HTTP_{name}"
    separator = "; " if key == "HTTP_COOKIE" else ","
    found[key] = f"{found[key]}{separator}{value}" if key in found else value


def from_scope(scope: dict[str, Any]) -> Environ:
    """The same of what ASGI knows of a request, and what its extension `muse.environ` adds."""
    address, port = scope["server"] or ("", None)
    more = {
        "SERVER_NAME": address,
        "SERVER_PORT": str(port or ""),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": scope["client"][0] if scope["client"] else "",
        "wsgi.url_scheme": scope["scheme"],
        **scope.get("extensions", {}).get(EXTENSION, {}),
    }
    return environ(scope["method"], scope["raw_path"], scope["query_string"], scope["headers"], **more)
