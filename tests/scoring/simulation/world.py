"""Scoring processes, clients and a consumer on one simulated machine, and the law that holds whatever happens."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from scoring.consumer.consumer import Consumer
from scoring.consumer.quarantine import quarantined
from scoring.lake import delta
from scoring.queue.lanes import QUARANTINE, lanes
from scoring.queue.record import encode
from scoring.queue.segments import SegmentWriter, segment_bases
from tests.scoring.eventlog import INTENT, TENANT, event, label
from tests.scoring.simulation.lake import Lake
from tests.scoring.simulation.machine import Died, Machine

MAX_BYTES = 700  # of a segment: some three requests
FLUSH_SECONDS = 5.0
ROUNDS = 400  # in which the consumer has everything in the lake, once nothing is wrong any more


@dataclass
class World:
    """`fsync`: the processes promise to survive power loss too.

    `beside`: how likely the consumer takes a round before a call of a scoring process.
    """

    machine: Machine
    lake: Lake
    segments: Path
    fsync: bool = False
    beside: float = 0.1
    writers: dict[int, SegmentWriter] = field(default_factory=dict)
    consumer: Consumer | None = None
    tried: set[str] = field(default_factory=set)
    kept: set[str] = field(default_factory=set)  # of which scoring was told that they are recorded

    # ---- what happens

    def score(self, place: int, names: list[str]) -> bool:
        """One request for scores at the process of a place, each event with a label; whether it is recorded."""
        at = self.machine.wall // 1000
        records = [encode(each) for name in names for each in (event(name, scored_at=at), label(name, 1, at))]
        self.tried |= set(names)
        try:
            with self._consumer_beside():
                kept = self._writer(place).append(records)
        except OSError:  # a process that cannot begin
            kept = False
        except Died:
            self.kill(place)
            return False
        if kept:
            self.kept |= set(names)
        return kept

    @contextmanager
    def _consumer_beside(self) -> Iterator[None]:
        """Have the consumer take a round between any two calls, now and then."""

        def consume() -> None:
            self.machine.before_call = lambda: None
            if self.machine.chance.random() < self.beside:
                self.consume()
            self.machine.before_call = consume

        self.machine.before_call = consume
        try:
            yield
        finally:
            self.machine.before_call = lambda: None

    def consume(self, *, everything: bool = False) -> bool:
        """One round of the consumer; whether it did anything. One that fails ends, and another begins the next time."""
        try:
            self.consumer = self.consumer or Consumer(
                self.segments,
                machine="m",
                flush_seconds=FLUSH_SECONDS,
                flush_events=20,
                sync=self.fsync,
                on_commit=lambda name: None,
            )
            return self.consumer.step(flush_all=everything)
        except (Died, OSError):
            self.kill_consumer()
            return True

    def kill(self, place: int) -> None:
        if writer := self.writers.pop(place, None):
            writer.close()

    def kill_consumer(self) -> None:
        self.consumer = None

    def lose_power(self) -> None:
        """All processes end, and what was not synced may be gone; only to be survived with `fsync`."""
        for place in list(self.writers):
            self.kill(place)
        self.kill_consumer()
        self.machine.lose_power()
        self.lake.lose_power()

    # ---- what must hold

    def settle(self) -> None:
        """Nothing is wrong any more: have everything consumed."""
        self.machine.troubles.clear()
        self.lake.refused.clear()
        for place in list(self.writers):
            self.kill(place)
        for _ in range(ROUNDS):
            self.machine.pass_time(61.0)
            busy = self.consume(everything=True)
            if not busy and self.consumer and self.consumer._all_committed() and not quarantined(self.segments):
                break
        if self.consumer is not None:
            self.consumer._upkeep()

    def broken(self) -> list[str]:
        """In words, what does not hold of the law."""
        events, labels = self.lake.ids("events"), self.lake.ids("labels")
        left = [base for lane in lanes(self.segments) for base in segment_bases(self.segments / lane)[1:]]
        found = [
            (not self.kept - events.keys(), f"lost events: {sorted(self.kept - events.keys())}"),
            (not self.kept - labels.keys(), f"lost labels: {sorted(self.kept - labels.keys())}"),
            (not events.keys() - self.tried, "events that nobody sent"),
            (events.total() == len(events), f"doubled: {[name for name, times in events.items() if times > 1]}"),
            (self.lake.counted == events.total(), f"minutes count {self.lake.counted}, the lake {events.total()}"),
            (not left, f"{len(left)} segments are not deleted"),
            (not quarantined(self.segments), "a table is still in quarantine"),
            (not list((self.segments / QUARANTINE).glob("*.seg")), "an unfinished write is taken for damage"),
        ]
        return [text for holds, text in found if not holds]

    def _writer(self, place: int) -> SegmentWriter:
        if place not in self.writers:
            self.writers[place] = SegmentWriter(
                self.segments, max_bytes=MAX_BYTES, total_bound=1 << 30, fsync=self.fsync
            )
        return self.writers[place]


@contextmanager
def simulated(
    folder: Path, chance: Random, *, fsync: bool = False, elsewhere: bool = False, beside: float = 0.1
) -> Iterator[World]:
    """A world on an empty disk, in the place of the real one."""
    machine = Machine(folder, chance)
    lake = Lake(machine, elsewhere)
    world = World(machine, lake, folder / "segments", fsync, beside)
    with ExitStack() as stack:
        stack.enter_context(machine.running())
        stack.enter_context(lake.serving())
        stack.callback(lambda: [world.kill(place) for place in list(world.writers)])
        yield world


EVENTS = delta.TableName(TENANT, INTENT, "events")
LABELS = delta.TableName(TENANT, INTENT, "labels")
