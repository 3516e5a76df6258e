"""Some of the recorded events, the same ones at every reading."""

from dataclasses import dataclass
from typing import ClassVar

from scoring.lake.id_numbers import seed_number

_BUCKETS = 1 << 32


@dataclass(frozen=True)
class Sample:
    """About this share of the events: those whose ids' numbers, by the seed, fall into it."""

    seed: str
    share: float

    condition: ClassVar[str] = f"id_number(event_id, $sample_seed::UBIGINT) % {_BUCKETS} < $sample_bound"

    def values(self) -> dict[str, str | int]:
        """What the condition's parameters stand for."""
        return {"sample_seed": seed_number(self.seed), "sample_bound": round(self.share * _BUCKETS)}


@dataclass(frozen=True)
class QuickSample(Sample):
    """Drawn without Python's lock, by a hash that may change with DuckDB's version: for a look, not for the record."""

    condition: ClassVar[str] = f"hash(event_id || $sample_seed) % {_BUCKETS} < $sample_bound"

    def values(self) -> dict[str, str | int]:
        return super().values() | {"sample_seed": self.seed}
