"""Simulated payments with seasonality, drift and fraud. Every day of a tenant is reproducible on its own.

Days count from the start of the history: 0 is its first day, training data lies before it, live traffic behind it.
Two kinds of fraud follow each other: stolen cards (large, foreign, at night) fade, and from about day 0 on card
testing (small, rapid, on young accounts) takes over. A model that was trained before has never seen it.
"""

import zlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from muse_site.demo.profiles import CHANNELS, FEATURES, MERCHANTS, Profile

_LEGITIMATE, _STOLEN, _TESTING = 0, 1, 2
_MICROSECONDS_A_DAY = 86_400_000_000
_LEAST_A_DAY = 2_000
_MERCHANT_MIX = np.array([[0.34, 0.14, 0.06, 0.10, 0.08, 0.28], [0.06, 0.06, 0.24, 0.36, 0.08, 0.20],
                          [0.18, 0.07, 0.06, 0.13, 0.30, 0.26]])  # fmt: skip


@dataclass(frozen=True)
class Payments:
    """n payments by time.

    `occurred_at` in microseconds since 1970 (UTC); `columns` by feature name, as numbers: null is NaN, a boolean 0 or
    1, a category its index; `channel` indexes CHANNELS; `fraud` 0 or 1; `noise` is what is random in the event ids,
    (2, n).
    """

    noise: NDArray[np.int64]
    occurred_at: NDArray[np.int64]
    channel: NDArray[np.int64]
    columns: dict[str, NDArray[np.float64]]
    fraud: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.occurred_at)

    @cached_property
    def event_ids(self) -> list[str]:
        """UUIDs of version 7 (RFC 9562): they carry their moment in milliseconds, so an event is found by its id."""
        stamps = (f"{moment // 1000:012x}" for moment in self.occurred_at.tolist())
        return [
            f"{stamp[:8]}-{stamp[8:]}-7{a & 0xFFF:03x}-{0x8000 | b >> 48 & 0x3FFF:04x}-{b & 0xFFFF_FFFF_FFFF:012x}"
            for stamp, a, b in zip(stamps, *self.noise.tolist(), strict=True)
        ]

    def matrix(self) -> NDArray[np.float64]:
        """The features as a model sees them, (n, features)."""
        return np.column_stack([self.columns[feature["name"]] for feature in FEATURES])

    def events(self) -> list[dict[str, Any]]:
        """The payments as a client sends them."""
        columns = {feature["name"]: _as_sent(feature, self.columns[feature["name"]]) for feature in FEATURES}
        rows = zip(*columns.values(), strict=True)
        stamps = [f"{stamp}Z" for stamp in self.occurred_at.astype("datetime64[us]").astype(str)]
        return [
            {
                "event_id": event_id,
                "occurred_at": stamp,
                "context": {"channel": CHANNELS[channel]},
                "features": dict(zip(columns, row, strict=True)),
            }
            for event_id, stamp, channel, row in zip(self.event_ids, stamps, self.channel.tolist(), rows, strict=True)
        ]


class Simulator:
    """The payments of one tenant. The same profile, start and seed give the same payments, for ever."""

    def __init__(self, profile: Profile, start: date, seed: int = 20) -> None:
        self.profile = profile
        self._midnight = int(datetime.combine(start, time(), UTC).timestamp()) * 1_000_000
        self._weekday = start.weekday()
        self._seed = seed

    def day(self, day: int) -> Payments:
        """All payments of a day."""
        rng = np.random.default_rng([self._seed, zlib.crc32(self.profile.slug.encode()), day + 100_000])
        count = max(_LEAST_A_DAY, int(rng.poisson(self._volume(day))))
        offsets = np.sort(_times_of_day(rng, count))
        return self._draw(rng, day, self._midnight + day * _MICROSECONDS_A_DAY + offsets)

    def at(self, moments: NDArray[np.int64], rng: np.random.Generator) -> Payments:
        """Payments at these moments (microseconds since 1970, increasing, of one day): live traffic."""
        return self._draw(rng, int((moments[0] - self._midnight) // _MICROSECONDS_A_DAY), moments)

    def _volume(self, day: int) -> float:
        weekend = (self._weekday + day) % 7 >= 5
        return self.profile.payments_a_day * (self.profile.weekend if weekend else 1.0) * 1.0015**day

    def _draw(self, rng: np.random.Generator, day: int, moments: NDArray[np.int64]) -> Payments:
        kind = self._kinds(rng, day, len(moments))
        channel = _pick(rng, np.array(self.profile.channels), len(moments))
        if self.profile.tested_on_web:
            channel[kind == _TESTING] = 0
        hour = (moments % _MICROSECONDS_A_DAY) // 3_600_000_000
        columns = _columns(rng, kind, channel, hour, self.profile.typical_amount * 1.001**day)
        noise = rng.integers(0, 1 << 62, (2, len(moments)))
        return Payments(noise, moments, channel, columns, (kind != _LEGITIMATE).astype(np.int64))

    def _kinds(self, rng: np.random.Generator, day: int, n: int) -> NDArray[np.int64]:
        # Fraud comes in waves of about four weeks.
        share = self.profile.fraud_share * (1.0 + 0.3 * np.sin(2 * np.pi * day / 27.0))
        testing = 1.0 / (1.0 + np.exp(-(day - 5) / 12.0))
        fraud = rng.random(n) < share
        return np.where(fraud, np.where(rng.random(n) < testing, _TESTING, _STOLEN), _LEGITIMATE)


def _columns(
    rng: np.random.Generator,
    kind: NDArray[np.int64],
    channel: NDArray[np.int64],
    hour: NDArray[np.int64],
    typical_amount: float,
) -> dict[str, NDArray[np.float64]]:
    """Features by kind of payment; the kinds overlap, so that no model can be perfect."""
    n = len(kind)
    usual = typical_amount * rng.lognormal(0.0, 0.6, n)
    ratio = rng.lognormal(np.array([0.0, 0.7, -0.6])[kind], np.array([0.6, 0.8, 0.7])[kind])
    last_hour = rng.poisson(np.array([0.15, 0.4, 0.9])[kind])
    gap = rng.exponential(np.array([18.0, 13.0, 6.0])[kind])
    age = rng.gamma(1.3, np.array([700.0, 600.0, 260.0])[kind])
    night = (hour < 6).astype(np.float64)
    columns = {
        "amount": np.round(usual * ratio, 2),
        "amount_to_usual": np.round(ratio, 3),
        "hour": hour,
        "payments_last_hour": last_hour,
        "payments_last_day": last_hour + rng.poisson(np.array([1.6, 1.8, 2.4])[kind]),
        "hours_since_last": np.where(rng.random(n) < 0.04, np.nan, np.round(gap, 2)),
        "account_age_days": np.floor(age),
        "card_present": (channel == 2) & (rng.random(n) < np.array([0.98, 0.6, 0.85])[kind]),
        "foreign": rng.random(n) < np.array([0.06, 0.38, 0.15])[kind] + 0.04 * night,
        "merchant": _merchants(rng, kind),
    }
    return {name: np.asarray(values, dtype=np.float64) for name, values in columns.items()}


def _merchants(rng: np.random.Generator, kind: NDArray[np.int64]) -> NDArray[np.int64]:
    levels = _MERCHANT_MIX.cumsum(axis=1)[kind]
    return np.minimum((rng.random(len(kind))[:, None] >= levels).sum(axis=1), len(MERCHANTS) - 1)


def _times_of_day(rng: np.random.Generator, n: int) -> NDArray[np.int64]:
    """Microseconds after midnight: busy at noon and in the evening, quiet at night."""
    peak = _pick(rng, np.array([0.35, 0.45, 0.20]), n)
    hours = rng.normal(np.array([12.0, 18.5, 12.0])[peak], np.array([2.2, 2.5, 7.0])[peak]) % 24.0
    return np.asarray(hours * 3_600_000_000, dtype=np.int64) % _MICROSECONDS_A_DAY


def _pick(rng: np.random.Generator, shares: NDArray[np.float64], n: int) -> NDArray[np.int64]:
    return np.minimum(np.searchsorted(shares.cumsum(), rng.random(n), side="right"), len(shares) - 1)


def _as_sent(feature: dict[str, Any], values: NDArray[np.float64]) -> list[Any]:
    if feature["type"] == "boolean":
        return (values == 1.0).tolist()
    if feature["type"] == "integer":
        return values.astype(np.int64).tolist()
    if feature["type"] == "category":
        return [feature["categories"][index] for index in values.astype(np.int64).tolist()]
    return [None if value != value else value for value in values.tolist()]
