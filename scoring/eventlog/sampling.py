"""Some of the recorded events, the same ones at every reading."""

from dataclasses import dataclass

_BUCKETS = 1 << 32


@dataclass(frozen=True)
class Sample:
    """About this share of the events: those whose ids, hashed with the seed, fall into it."""

    seed: str
    share: float

    condition = f"md5_number_lower(event_id || $sample_seed) % {_BUCKETS} < $sample_bound"

    def values(self) -> dict[str, str | int]:
        """What the condition's parameters stand for."""
        return {"sample_seed": self.seed, "sample_bound": round(self.share * _BUCKETS)}
