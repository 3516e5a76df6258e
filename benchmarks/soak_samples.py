"""What a running product holds at one time, looked at from outside: memory, files, connections, rows, segments."""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from muse_site.embedded import Postgres
from scoring.queue.segments import SUFFIX

_MIB = 1 << 20
SUPERVISOR = "supervisor"


@dataclass(frozen=True)
class Sample:
    """What there is at one time.

    `memory` in MiB and open `files`, by process; one that has children is counted with them. `rows` by table, as
    Postgres' own statistics have them. `leaders`: the process id of each, by which a restart shows.
    """

    memory: dict[str, float]
    files: dict[str, float]
    connections: float
    rows: dict[str, float]
    segments: float
    segments_mib: float
    lake_files: float
    leaders: dict[str, int] = field(default_factory=dict)


class Looking:
    """Looks at the product on a data folder; its own connection to Postgres is not counted."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._owner = psycopg.connect(Postgres(data).owner_url, autocommit=True)

    def close(self) -> None:
        self._owner.close()

    def sample(self) -> Sample:
        """As of now."""
        leaders = _leaders(self._data)
        segments = [path.stat().st_size for path in _still_there(self._data / "segments", f"*/*{SUFFIX}")]
        lake = self._data / "lake"
        members = {name: list(_with_children(pid)) for name, pid in leaders.items() if name != SUPERVISOR}
        members[SUPERVISOR] = [leaders[SUPERVISOR]]
        return Sample(
            memory={name: sum(map(_memory, pids)) for name, pids in members.items()},
            files={name: float(sum(map(_files, pids))) for name, pids in members.items()},
            connections=self._connections(),
            rows=self._rows(),
            segments=float(len(segments)),
            segments_mib=sum(segments) / _MIB,
            lake_files=float(sum(1 for _ in _still_there(lake, "**/*.parquet"))),
            leaders=leaders,
        )

    def _connections(self) -> float:
        query = (
            "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        row = self._owner.execute(query).fetchone()
        assert row is not None
        return float(row[0])

    def _rows(self) -> dict[str, float]:
        found = self._owner.execute("SELECT relname, n_live_tup FROM pg_stat_user_tables").fetchall()
        return {name: float(count) for name, count in found}


def _leaders(data: Path) -> dict[str, int]:
    """The supervisor, and the first of each of its processes, by the files that it keeps about them."""
    groups = json.loads((data / "supervisor.groups").read_text())
    supervisor = int((data / "supervisor.lock").read_text())
    return {SUPERVISOR: supervisor, **{name: int(pid) for name, (pid, *_) in groups.items()}}


def _with_children(pid: int) -> Iterator[int]:
    yield pid
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):  # it has ended meanwhile
            for child in path.read_text().split():
                yield from _with_children(int(child))


def _memory(pid: int) -> float:
    """What it has written to memory, MiB: a page that several processes have from a fork counts once in all.

    Without pages of files, of which a process counts its share: that grows when others, which use the same libraries,
    end. And without shared memory, which is Postgres' buffers: they fill once, and stay.
    """
    with suppress(OSError):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
        found = {name: int(rest.split()[0]) for name, _, rest in (line.partition(":") for line in lines)}
        return found["Pss_Anon"] / 1024
    return 0.0


def _files(pid: int) -> int:
    with suppress(OSError):
        return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
    return 0


def _still_there(folder: Path, pattern: str) -> Iterator[Path]:
    for path in folder.glob(pattern):
        if path.exists():  # the consumer deletes what it has committed
            yield path
