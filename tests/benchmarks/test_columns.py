"""A file of any shape: its columns are named by options, and what is wrong is told with the option."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from benchmarks import cards, models, options
from benchmarks.events import Events, NotThatFile
from benchmarks.plan import Plan, rates_told

NAMED = ["--time", "when", "--tenant", "bank", "--label", "bad"]
DAYS, PER_DAY = 60, 400
N = DAYS * PER_DAY


def synthetic(**columns: object) -> pa.Table:
    """Sixty days of two banks, and of one that is too small; `columns` take the place of its own."""
    rng = np.random.default_rng(3)
    n = N
    spent = rng.lognormal(3, 1, n).round(2)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    own = {
        "when": [(start + timedelta(days=place / PER_DAY)).isoformat() for place in range(n)],
        "bank": [("North Bank", "Süd")[place % 2] if place % 100 else "tiny" for place in range(n)],
        "bad": (spent + rng.normal(0, 20, n) > 80).astype(int),
        "amount spent": [None if place % 50 == 7 else value for place, value in enumerate(spent.tolist())],
        "shop": rng.choice(["food", "fuel", "toys"], n),
        "present": rng.random(n) < 0.5,
        "reference": [f"r{place}" for place in range(n)],
    }
    return pa.table({**own, **columns})


def read(tmp_path: Path, table: pa.Table, *more: str) -> tuple[Events, Plan, list[str]]:
    file = tmp_path / "events.parquet"
    pq.write_table(table, file)
    return options.read(options.parsed("", ["--data", str(file), *NAMED, *more]))


def test_file__with_named_columns__has_all_others_as_features_by_their_type(tmp_path: Path) -> None:
    events, plan, without = read(tmp_path, synthetic())
    assert events.schema == [
        {"name": "amount_spent", "type": "number", "nullable": True},
        {"name": "shop", "type": "category", "categories": ["food", "fuel", "toys"]},
        {"name": "present", "type": "boolean"},
    ]
    assert without == ["reference: expected 1 to 200 different values, found 24,000"]
    assert events.tenants == ["north-bank", "s-d"]
    assert plan.weeks() == [(50, 60)]
    assert models.train_old(events, plan).text.startswith("tree")


def test_rates__of_small_tenants__are_those_that_the_product_can_fit(tmp_path: Path) -> None:
    events, plan, _ = read(tmp_path, synthetic())
    assert rates_told(events, plan, [0.1, 0.01, 0.005, 0.001]) == [0.1, 0.01]


def test_file__as_csv__is_the_same(tmp_path: Path) -> None:
    table = synthetic()
    pyarrow.csv.write_csv(table, tmp_path / "events.csv")
    found, _, _ = options.read(options.parsed("", ["--data", str(tmp_path / "events.csv"), *NAMED]))
    other, _, _ = read(tmp_path, table)
    assert found.schema == other.schema
    assert np.array_equal(found.x, other.x, equal_nan=True)
    assert found.occurred_at.tolist() == other.occurred_at.tolist()


def test_events__as_sent__have_null_text_and_truth(tmp_path: Path) -> None:
    events, _, _ = read(tmp_path, synthetic())
    (sent,) = events.sent(np.array([7]))
    assert sent["occurred_at"] == "2026-01-01T00:25:12.000000Z"
    assert sent["features"]["amount_spent"] is None
    assert sent["features"]["shop"] in ("food", "fuel", "toys")
    assert isinstance(sent["features"]["present"], bool)


def test_features__that_are_named__are_the_only_ones(tmp_path: Path) -> None:
    events, _, _ = read(tmp_path, synthetic(), "--numeric", "amount spent", "--categorical", "present")
    assert [(each["name"], each["type"]) for each in events.schema] == [
        ("amount_spent", "number"),
        ("present", "category"),
    ]


@pytest.mark.parametrize(
    ("unit", "times"),
    [("h", np.arange(N) * 0.06), ("d", np.arange(N) / PER_DAY), ("ms", np.arange(N) * 216_000)],
)
def test_times__that_are_numbers__are_taken_in_their_unit(tmp_path: Path, unit: str, times: np.ndarray) -> None:
    events, _, _ = read(tmp_path, synthetic(when=times), "--time-unit", unit)
    assert events.day[-1] == DAYS - 1
    assert events.time_of(1) == "1970-01-02T00:00:00+00:00"


@pytest.mark.parametrize(
    ("columns", "more", "message"),
    [
        ({}, ["--time", "then"], "^--time then: no such column; the file has when, bank"),
        ({}, ["--numeric", "x"], "^--numeric x: no such column"),
        ({}, ["--numeric", "shop"], "^--numeric shop: expected numbers, found string"),
        ({}, ["--categorical", "reference"], "^--categorical reference: expected 1 to 200 different"),
        ({"when": ["yesterday"] * N}, [], "^--time when: expected times as 2026"),
        ({"when": [None] * N}, [], "^--time when: 24,000 rows have no value"),
        ({"when": np.arange(N) * 1e12}, [], "^--time when: expected times from 1970 to now"),
        ({"when": np.arange(N)}, [], "the file has 1 days: too few"),
        ({"bad": ["maybe"] * N}, [], "^--label bad: expected 0 and 1, or false and true, found 'maybe'"),
        ({"bank": [str(place) for place in range(N)]}, [], "^--tenant: no tenant has 1000 events"),
        ({"present": np.full(N, np.inf)}, ["--numeric", "present"], "^--numeric present: expected finite"),
        ({}, ["--leave-out", "amount spent,shop,present"], "no column is left to be a feature"),
    ],
)
def test_file__that_cannot_be_used__names_the_option(
    tmp_path: Path, columns: dict[str, object], more: list[str], message: str
) -> None:
    with pytest.raises(NotThatFile, match=message):
        read(tmp_path, synthetic(**columns), *more)


def test_file__that_is_no_table__is_told(tmp_path: Path) -> None:
    (tmp_path / "events.parquet").write_text("no")
    with pytest.raises(NotThatFile, match="expected Parquet, or CSV"):
        options.read(options.parsed("", ["--data", str(tmp_path / "events.parquet"), *NAMED]))


def test_options__that_name_one_column_alone__ask_for_the_others(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        options.parsed("", ["--data", "x", "--time", "when"])
    assert "--tenant, --label: needed too" in capsys.readouterr().err


def test_cards__without_their_columns__ask_for_the_options(tmp_path: Path) -> None:
    with pytest.raises(NotThatFile, match="name the columns by --time, --tenant and --label"):
        cards.read(synthetic(), tmp_path)


def test_cards__of_an_hour_and_an_amount__have_their_tenant(tmp_path: Path) -> None:
    table = pa.table(
        {
            "TX_DATETIME": pa.array([datetime(2018, 4, 1, hour) for hour in (7, 8, 17, 18)], pa.timestamp("ms")),
            "TX_AMOUNT": [10.0, 44.9, 45.0, 100.0],
            "TX_FRAUD": [0, 1, 0, 1],
            **{name: [1, 2, 3, 4] for name in ("TRANSACTION_ID", "CUSTOMER_ID", "TERMINAL_ID")},
        }
    )
    events = cards.read(table, tmp_path)
    assert [events.tenants[place] for place in events.tenant] == [
        "by-night",
        "small-by-day",
        "large-by-day",
        "by-night",
    ]
    assert events.simulated
    assert events.names == ["TX_AMOUNT"]
