"""Model files by digest in Django's default storage, each with the parity vector that its loader must reproduce.

A scoring machine has a copy of its own of what it serves, so that a process which starts while the storage has lost a
file, or has a damaged one, serves what the others do.
"""

import hashlib
import json
import logging
import os
import secrets
import time
import weakref
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from scoring.engine import document
from scoring.engine.onnx_model import OnnxModel, Parity

FOLDER = "models"
COPY_SECONDS = 7 * 86_400.0  # a copy stays for so long after what is served has named it: a rollback may name it

logger = logging.getLogger(__name__)


class ArtifactError(ValueError):
    """A model file that is missing, damaged or without its parity vector; the message names the digest."""


def store(content: bytes, parity: Parity) -> str:
    """Keep the bytes of an ONNX file and its parity vector {"inputs": rows, "outputs": values}; returns the digest.

    Storing the same file again changes nothing and repairs what is damaged.
    """
    digest = hashlib.sha256(content).hexdigest()
    _put(_parity_name(digest), json.dumps(parity, sort_keys=True).encode())
    _put(_content_name(digest), content)
    return digest


def load(digest: str) -> tuple[bytes, Parity]:
    """The ONNX bytes and the parity vector of a model, from this machine's copy where need be. Raises ArtifactError."""
    try:
        return _stored(digest)
    except ArtifactError as error:
        kept = _kept(digest)
        if kept is None:
            raise
        logger.error("%s. This machine's copy takes its place; put the file back.", error)
        return kept


def keep(digest: str) -> None:
    """Have this machine's copy of a model file, whole: made where there is none, or a damaged one.

    Raises ArtifactError, OSError.
    """
    copies = [_copy(_parity_name(digest)), _copy(_content_name(digest))]
    if _kept(digest) is not None:
        for copy in copies:
            os.utime(copy)
        return
    content, parity = _stored(digest)
    for copy, text in zip(copies, (json.dumps(parity).encode(), content), strict=True):
        write_atomically(copy, text, mode=0o600)


def forget_copies(named: Collection[str] = ()) -> None:
    """Remove this machine's copies that are old; those of the digests that are named are as new from now on.

    Raises OSError.
    """
    now = time.time()
    for path in _copy(FOLDER).glob("*"):
        with suppress(FileNotFoundError):  # other processes of this machine do the same
            if path.name.partition(".")[0] in named:
                os.utime(path)
            elif now - path.stat().st_mtime > COPY_SECONDS:
                path.unlink()


def _stored(digest: str) -> tuple[bytes, Parity]:
    content = _get(_content_name(digest))
    if hashlib.sha256(content).hexdigest() != digest and _forget(_content_name(digest)):
        content = _get(_content_name(digest))
    found = hashlib.sha256(content).hexdigest()
    if found != digest:
        raise ArtifactError(f"model {digest[:12]}: the file in the storage is damaged, its digest is {found[:12]}")
    try:
        return content, _parity(digest)
    except ValueError as error:
        raise ArtifactError(f"model {digest[:12]}: its parity vector cannot be read: {error}") from error


def _parity(digest: str) -> Parity:
    """Raises ValueError, which ArtifactError is a kind of."""
    name = _parity_name(digest)
    text = _get(name)
    try:
        found: Parity = json.loads(text)
    except ValueError:
        if not _forget(name):
            raise
        found = json.loads(_get(name))
    return found


def _kept(digest: str) -> tuple[bytes, Parity] | None:
    """What this machine's copy is, where there is one that is whole."""
    with suppress(OSError, ValueError):
        content = _copy(_content_name(digest)).read_bytes()
        if hashlib.sha256(content).hexdigest() == digest:
            return content, json.loads(_copy(_parity_name(digest)).read_bytes())
    return None


class ModelSessions:
    """Sessions of models, shared between releases and tenants; one that nothing uses any more is dropped.

    Versions of one file share its session: which feature is which column is said when it is run, not here.
    """

    def __init__(self) -> None:
        self._sessions: weakref.WeakValueDictionary[tuple[str, int, int], OnnxModel] = weakref.WeakValueDictionary()

    def load(self, model: document.Model) -> OnnxModel:
        """The session of a model, checked on its parity vector when it is made. Raises ArtifactError, ModelError."""
        key = (model.digest, len(model.features), model.single_rows)
        session = self._sessions.get(key)
        if session is None:
            session = self._sessions[key] = open_model(model)
        return session

    def __len__(self) -> int:
        return len(self._sessions)


def open_model(model: document.Model) -> OnnxModel:
    """A model from the storage, ready to run. Raises ArtifactError, ModelError."""
    content, parity = load(model.digest)
    session = OnnxModel(content, len(model.features), model.single_rows)
    session.check_parity(parity)
    return session


def write_atomically(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Write a file so that whoever reads it finds the old or the new one, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _content_name(digest: str) -> str:
    return f"{FOLDER}/{digest}.onnx"


def _parity_name(digest: str) -> str:
    return f"{FOLDER}/{digest}.parity.json"


def _put(name: str, content: bytes) -> None:
    path = _path(name)
    if path is not None:
        write_atomically(path, content)
    elif not default_storage.exists(name):  # object stores write whole objects or nothing
        default_storage.save(name, ContentFile(content))


def _get(name: str) -> bytes:
    """Read from the storage's own folder, or else from this machine's copy, which is made the first time."""
    path = _path(name)
    kept = path or _copy(name)
    try:
        if path is None and not kept.exists():
            with default_storage.open(name) as file:
                write_atomically(kept, file.read())
            forget_copies()
        return bytes(kept.read_bytes())
    except FileNotFoundError:
        raise ArtifactError(f"{name} is not in the storage; register the model again") from None


def _forget(name: str) -> bool:
    """Drop this machine's copy of a file that is elsewhere; returns whether there can have been one."""
    if _path(name) is None:
        _copy(name).unlink(missing_ok=True)
    return _path(name) is None


def _copy(name: str) -> Path:
    """Where this machine's copy of a file is, if it has one."""
    return Path(settings.SERVING_CACHE_DIR) / name


def _path(name: str) -> Path | None:
    try:
        return Path(default_storage.path(name))
    except NotImplementedError:  # a storage that is not a folder of this machine
        return None
