"""The stability benchmark's options, and the events that they name."""

import argparse
from pathlib import Path

from benchmarks import cards
from benchmarks.columns import UNITS, Columns, events_of, read_table
from benchmarks.events import Events
from benchmarks.plan import Plan, largest, plan_of

_COLUMNS = ("time", "tenant", "label")


def parsed(doc: str | None, arguments: list[str] | None = None) -> argparse.Namespace:
    """The options of a command line. Ends the program, with a message, where they do not go together."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, metavar="FILE", help="events, as Parquet or CSV")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the figures there, too")
    parser.add_argument("--page", type=Path, default=Path("report/stability.html"), help="where the page goes")
    parser.add_argument("--weeks", type=_whole, metavar="N", help="judge only the first N weeks")
    parser.add_argument("--only", choices=["self"], help="measure the product that is left to itself, and no other")
    parser.add_argument("--most-tenants", type=_whole, default=10, metavar="N", help="send events of the N largest")
    _add_columns(parser.add_argument_group("a file other than the card transactions"))
    options = parser.parse_args(arguments)
    missing = [f"--{name}" for name in _COLUMNS if not getattr(options, name)]
    if len(missing) not in (0, len(_COLUMNS)):
        parser.error(f"{', '.join(missing)}: needed too, to tell which column is what")
    return options


def read(options: argparse.Namespace) -> tuple[Events, Plan, list[str]]:
    """The events, which days are for what, and the columns that are no features. Raises NotThatFile, OSError."""
    table = read_table(options.data)
    without: list[str] = []
    if options.time:
        columns = Columns(options.time, options.tenant, options.label, options.numeric, options.categorical,
                          options.leave_out, options.time_unit)  # fmt: skip
        simulated = options.simulated or None
        about = f"{'simulated ' if simulated else ''}events of {options.data.name}"
        events, without = events_of(table, columns, about, f"tenants by {options.tenant}", simulated)
    else:
        events = cards.read(table, options.data)
    warm_up = cards.WARM_UP if options.warm_up is None and not options.time else options.warm_up or 0
    plan = plan_of(int(events.day[-1]) + 1, warm_up, options.weeks)
    return largest(events, plan, options.most_tenants), plan, without


def _add_columns(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--time", metavar="COLUMN", help="when an event occurred; without a zone it is UTC")
    group.add_argument("--time-unit", choices=UNITS, default="s", help="of a time that is a number since 1970")
    group.add_argument("--tenant", metavar="COLUMN", help="whose event it is")
    group.add_argument("--label", metavar="COLUMN", help="0 or 1, false or true")
    group.add_argument("--numeric", type=_names, default=(), metavar="A,B", help="numeric features")
    group.add_argument("--categorical", type=_names, default=(), metavar="C,D", help="categorical features; without "
                       "either, all other columns are features, by their type")  # fmt: skip
    group.add_argument("--leave-out", type=_names, default=(), metavar="E,F", help="columns that are no features")
    group.add_argument("--warm-up", type=int, metavar="DAYS", help="not to train on, while features of the past fill")
    group.add_argument("--simulated", action="store_true", help="say that the events are simulated")


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _whole(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1 on, found {text}")
    return number
