"""A real object store with an S3 API for tests: SeaweedFS in one process, on ports and in a folder of its own."""

import json
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from muse_site.driving.running import HOST, free_ports
from muse_site.supervisor.health import answers

BUCKET = "muse"
_PROGRAM = Path(sys.executable).with_name("weed")
_PORTS = ("s3.port", "s3.port.grpc", "s3.port.iceberg", "s3.port.lance", "filer.port", "filer.port.grpc",
          "master.port", "master.port.grpc", "volume.port", "volume.port.grpc")  # fmt: skip


@dataclass(frozen=True)
class ObjectStore:
    """Where it answers, and the key to it."""

    endpoint: str
    region: str = "eu-central-1"
    access_key: str = "tests"
    secret_key: str = "for tests only"

    def as_settings(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in ("endpoint", "region", "access_key", "secret_key")}

    def as_environment(self, folder: Path) -> dict[str, str]:
        """What tells a process of it; the secret stands in a file of this folder."""
        secret = folder / "s3_secret"
        secret.write_text(f"{self.secret_key}\n")
        return {
            "MUSE_S3_ENDPOINT": self.endpoint,
            "MUSE_S3_REGION": self.region,
            "MUSE_S3_ACCESS_KEY": self.access_key,
            "MUSE_S3_SECRET_KEY_FILE": str(secret),
        }


def use(store: ObjectStore, settings: Any) -> dict[str, str]:
    """Lake and files of a test in an empty place of the store; what tells other processes of the places."""
    place = f"s3://{BUCKET}/{secrets.token_hex(8)}"
    settings.OBJECT_STORE = store.as_settings()
    settings.LAKE = f"{place}/lake"
    files = {"BACKEND": "scoring.store.objects.ObjectStorage", "OPTIONS": {"place": f"{place}/files"}}
    settings.STORAGES = settings.STORAGES | {"default": files}
    return {"MUSE_LAKE": f"{place}/lake", "MUSE_FILES": f"{place}/files"}


@contextmanager
def running(host: str = HOST) -> Iterator[ObjectStore]:
    """A store with an empty bucket, as long as the block."""
    folder = Path(tempfile.mkdtemp(prefix="muse-objects-"))
    ports = dict(zip(_PORTS, free_ports(len(_PORTS)), strict=True))
    store = ObjectStore(f"http://{host}:{ports['s3.port']}")
    server = subprocess.Popen(
        _command(folder, host, ports, store), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait_for(store, host, ports["s3.port"])
        yield store
    finally:
        server.kill()  # nobody needs what it has, and it would take its time
        server.wait()
        shutil.rmtree(folder, ignore_errors=True)
        for port in ports.values():  # it leaves some of its sockets where nobody told it to put them
            for socket in Path("/tmp").glob(f"seaweedfs-*-{port}.sock"):
                socket.unlink(missing_ok=True)


def _command(folder: Path, host: str, ports: Mapping[str, int], store: ObjectStore) -> list[str]:
    keys = [{"accessKey": store.access_key, "secretKey": store.secret_key}]
    identities = [{"name": "tests", "credentials": keys, "actions": ["Admin", "Read", "Write", "List"]}]
    (folder / "s3.json").write_text(json.dumps({"identities": identities}))
    sockets = {f"{each}.localSocket": folder / f"{each}.sock" for each in ("s3", "filer")}
    flags = {"ip": host, "ip.bind": host, "dir": folder, "s3": "true", "filer": "true", "s3.config": folder / "s3.json",
             "master.volumeSizeLimitMB": 64, "volume.max": 200, **sockets, **ports}  # fmt: skip
    return [str(_PROGRAM), "server", *(f"-{name}={value}" for name, value in flags.items())]


def _wait_for(store: ObjectStore, host: str, port: int) -> None:
    """Until it answers, and keeps what is written: its volumes come a moment later."""
    from pyarrow.fs import S3FileSystem

    end = time.monotonic() + 60.0
    while True:
        try:
            if answers(host, port):
                at = f"{host}:{port}"
                files = S3FileSystem(access_key=store.access_key, secret_key=store.secret_key, endpoint_override=at,
                                     scheme="http", region=store.region, allow_bucket_creation=True)  # fmt: skip
                files.create_dir(BUCKET)
                with files.open_output_stream(f"{BUCKET}/ready") as stream:
                    stream.write(b"ready")
                return
        except OSError:
            pass
        if time.monotonic() > end:
            raise TimeoutError(f"{_PROGRAM} does not keep what is written")
        time.sleep(0.1)
