"""Labels of a window's events are read without those that came before it, however many there are."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from scoring.lake import delta, reading
from scoring.queue.record import MOST_AHEAD
from tests.scoring.eventlog import DAY, INTENT, NOON, TENANT, consume, event, label, write, writer

START = datetime(2026, 11, 25, tzinfo=UTC)
WINDOW = START, START + timedelta(days=2)
DAYS = 5  # with an event each, that is labelled within the minute; the window has the last two


@pytest.fixture
def old_labels(segments: Path) -> list[Path]:
    """The files of labels that were reported more than a day before the window begins."""
    out = writer(segments)
    for number in range(DAYS):
        at = NOON + (number - DAYS + 2) * DAY
        write(out, event(f"e{number}", occurred_at=at, scored_at=at), label(f"e{number}", number % 2, at + 60_000_000))
    consume(segments)
    table = delta.open_table(delta.TableName(TENANT, INTENT, "labels"))
    assert table is not None
    files = table.file_uris()
    assert len(files) == DAYS
    before = str((START - MOST_AHEAD).date())
    return [Path(unquote(urlsplit(each).path)) for each in sorted(files) if each.rsplit("day=")[1][:10] < before]


def test_outcomes_and_labelled__with_labels_from_before_the_window__read_none_of_their_files(
    old_labels: list[Path],
) -> None:
    assert len(old_labels) == DAYS - 3  # a day ahead, as an event's own time may be, is read too
    for each in old_labels:
        each.unlink()
    found = reading.outcomes(TENANT, INTENT, *WINDOW, ["cards@1"], {})
    assert found is not None
    assert found.select(["event_id", "label"]).to_pydict() == {"event_id": ["e3", "e4"], "label": [1, 0]}
    assert sorted(reading.labelled(TENANT, INTENT, *WINDOW).column("event_id").to_pylist()) == ["e3", "e4"]
    with pytest.raises(Exception, match=old_labels[0].name):  # of all time, they are read
        reading.label_reports(TENANT, INTENT)


def test_outcomes__label_reported_before_its_event_by_the_clock_of_the_client__has_it(segments: Path) -> None:
    at = NOON + DAY - 60_000_000
    write(writer(segments), event("ahead", occurred_at=at, scored_at=NOON), label("ahead", 1, NOON + 1))
    consume(segments)
    noon = START + timedelta(hours=12)
    found = reading.outcomes(TENANT, INTENT, noon + timedelta(hours=23), noon + timedelta(days=1), [], {})
    assert found is not None
    assert found.column("label").to_pylist() == [1]


@pytest.mark.parametrize("start", [None, datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
def test_label_reports__from_the_beginning_or_end_of_time__are_all_or_none(
    old_labels: list[Path], start: datetime | None
) -> None:
    wanted = 0 if start is not None and start.year > 1 else DAYS
    assert len(reading.label_reports(TENANT, INTENT, start)) == wanted
