"""A lake in memory, whose commits are calls of the machine: each is made whole or not at all, and may fail."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pytest

from scoring.consumer import batches, days, profiles
from scoring.lake import delta
from scoring.queue import system
from tests.scoring.simulation.machine import Machine


@dataclass(frozen=True)
class Commit:
    """Rows of one table and the positions that they were read up to, together."""

    name: delta.TableName
    ids: list[str]
    transactions: dict[str, int]
    counted: int  # by its notes on minutes


@dataclass
class Table:
    """A table as it was when it was opened, and as this process has changed it since."""

    versions: dict[str, int]

    def transaction_version(self, app: str) -> int | None:
        return self.versions.get(app)


@dataclass
class Lake:
    """`refused`: tables that take no rows, for what is in them. `elsewhere`: where no power is lost."""

    machine: Machine
    elsewhere: bool = False
    commits: list[Commit] = field(default_factory=list)
    refused: set[delta.TableName] = field(default_factory=set)
    _safe: int = 0

    def ids(self, kind: delta.Kind) -> Counter[str]:
        """How often each id is there."""
        return Counter(each for commit in self.commits if commit.name.kind == kind for each in commit.ids)

    @property
    def counted(self) -> int:
        """The events of all minutes."""
        return sum(commit.counted for commit in self.commits)

    def sync_all(self) -> None:
        """The lake is on the machine's own disk: what that syncs, it has for good."""
        self.machine.sync_all()
        self._safe = len(self.commits)

    def lose_power(self) -> None:
        if self.elsewhere:
            return
        del self.commits[self.machine.chance.randint(self._safe, len(self.commits)) :]

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Put this lake in the place of the real one."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(delta, "open_table", self._open)
            patch.setattr(delta, "append", self._append)
            patch.setattr(delta, "is_local", lambda: not self.elsewhere)
            patch.setattr(delta, "is_erased", lambda tenant: False)
            patch.setattr(delta, "schema_of", lambda table: {})
            patch.setattr(batches, "recent_answers", lambda table, since: ())  # without idempotency none count
            for summed_up in (days, profiles):  # beside the minutes, of which the law speaks; they take long
                patch.setattr(summed_up, "summarise", lambda *_: [])
            patch.setattr(system, "sync_all", lambda: self.machine.call("sync_all", lambda _: self.sync_all()))
            yield

    def _open(self, name: delta.TableName) -> Table | None:
        return self.machine.call("open_table", lambda _: self._table(name))  # type: ignore[no-any-return]

    def _table(self, name: delta.TableName) -> Table | None:
        own = [commit for commit in self.commits if commit.name == name]
        if not own:
            return None
        versions = {app: end for commit in own for app, end in commit.transactions.items()}
        return Table(versions)

    def _append(
        self, name: delta.TableName, table: Table | None, data: pa.Table, transactions: Mapping[str, int], notes: Any
    ) -> None:
        if name in self.refused:
            raise ValueError("Schema error: the table has texts for scores")
        minutes = notes["minutes"] if notes else []
        counted = sum(each["events"] for each in minutes)
        ids = data.column("event_id").to_pylist()
        commit = Commit(name, ids, dict(transactions), counted)
        self.machine.call("commit", lambda _: self.commits.append(commit))
        if table is not None:
            table.versions |= transactions
