"""How an intent's evidence judges: which events belong together, what they are worth, and what their labels say.

It holds from the next evidence on. None of it is served, but that releases take in which features are kept.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from models_app.inputs.errors import invalid
from tenants.models import Intent

SETTINGS = ("entity", "amount", "label_maturity_days", "unlabelled_means", "segment_features", "keep_features")
MOST_SEGMENT_FEATURES, USUAL_CATEGORIES = 10, 3

ENTITY_HELP = (
    "The context attribute or feature that says whose an event is, such as the card or the account. "
    "Events of one entity share their fate: evidence counts them together, and its intervals get wider. "
    "Empty: events count as independent."
)
AMOUNT_HELP = (
    "The feature or context attribute, a number, that says what an event is worth. "
    "Evidence then also counts money. Empty: it counts events alone."
)
MATURITY_HELP = (
    "How old an event must be before evidence judges it by its label: the time by which nearly all labels have been "
    "reported. With 0, the default, every event counts at once."
)
UNLABELLED_HELP = (
    "What it means that an event of this age has no label. “unknown”: it is left out where labels are counted. "
    "“negative”: it was no fraud, as where only frauds are reported."
)
SEGMENTS_HELP = (
    "The features by which evidence looks for segments in which alerts move, beside those by context: numbers in "
    "bands, else by value. The usual ones (null over REST): the amount and the first three that are categories or "
    "booleans."
)
KEEP_HELP = (
    "The features that the event log keeps: all, none, or those that are named. What is not kept is not there for "
    "replays and explanations, nor for segments of evidence."
)
USUAL_SEGMENTS = "the usual ones"
_NUMBERS, _VALUES = ("number", "integer"), ("category", "boolean")


@dataclass(frozen=True)
class Column:
    """What the event log keeps of an event: a context attribute or a feature, by `name`, in the lake's column `path`.

    `may_be_none`: an event may be without it; else where there is none, it was not recorded.
    """

    path: str
    name: str
    type: str
    may_be_none: bool

    @property
    def is_number(self) -> bool:
        return self.type in _NUMBERS

    @property
    def is_of_context(self) -> bool:
        return self.path.startswith("context.")


def check(intent: Intent) -> None:
    """Raise ValidationError naming the setting that names what events do not have in the log."""
    if intent.entity and entity_column(intent) is None:
        there = _words(_columns(intent))
        raise invalid("entity", f"expected a context attribute or a feature that is kept, of: {there}")
    if intent.amount and amount_column(intent) is None:
        there = _words(each for each in _columns(intent) if each.is_number)
        raise invalid("amount", f"expected a context attribute or a feature that is kept, and a number, of: {there}")
    _check_segments(intent, intent.segment_features or [])


def in_words(setting: str, value: Any) -> str:
    """A setting's value as a person reads it; nothing where it is empty."""
    if setting == "segment_features" and value is None:
        return USUAL_SEGMENTS
    if isinstance(value, list | tuple):
        return ", ".join(value)
    return "" if value is None else str(value)


def segments_lost(before: Intent, after: Intent) -> list[str]:
    """By which columns evidence would no longer divide events, though nobody has changed how it judges."""
    left = {each.path for each in segment_columns(after)}
    return [each.name for each in segment_columns(before) if each.path not in left]


def _check_segments(intent: Intent, names: Sequence[str]) -> None:
    there = _divide(intent)
    if unknown := [name for name in names if name not in there]:
        wanted = f"features that are kept, or numbers of the context, of: {_words(there.values())}"
        raise invalid("segment_features", f"expected {wanted}; found {', '.join(unknown)}")
    if len(set(names)) < len(names) or len(names) > MOST_SEGMENT_FEATURES:
        raise invalid("segment_features", f"expected at most {MOST_SEGMENT_FEATURES} names, each once")


def entity_column(intent: Intent) -> tuple[str, str] | None:
    """The event log's column that tells the entity, and its type; None where there is no such column."""
    return next(((each.path, each.type) for each in _columns(intent) if each.name == intent.entity), None)


def amount_column(intent: Intent) -> tuple[str, str] | None:
    """The event log's column that tells the amount, and its type; None where there is no such column of numbers."""
    numbers = (each for each in _columns(intent) if each.is_number)
    return next(((each.path, each.type) for each in numbers if each.name == intent.amount), None)


def segment_columns(intent: Intent) -> list[Column]:
    """What divides events into segments beside their context: as named, else the amount and the first categories."""
    there = _divide(intent)
    names = _usual(intent, there.values()) if intent.segment_features is None else intent.segment_features
    return [there[name] for name in names if name in there]


def _usual(intent: Intent, columns: Iterable[Column]) -> list[str]:
    values = [each.name for each in columns if each.type in _VALUES and each.name != intent.entity]
    return [*([intent.amount] if intent.amount else []), *values[:USUAL_CATEGORIES]]


def _divide(intent: Intent) -> dict[str, Column]:
    """By name, what may divide events; the values of other context attributes do so anyway."""
    found: dict[str, Column] = {}
    for each in _columns(intent):
        if each.is_number or not each.is_of_context:
            found.setdefault(each.name, each)
    return found


def _columns(intent: Intent) -> Iterable[Column]:
    """What the log keeps of an event. A context attribute goes before a feature of its name."""
    for attribute in intent.context:
        may_be_none = not attribute.get("required", False)
        yield Column(f"context.{attribute['name']}", attribute["name"], attribute.get("type", "string"), may_be_none)
    for feature in intent.features:
        if intent.keep_features == Intent.Keep.ALL or feature["name"] in intent.kept_features:
            may_be_none = feature.get("nullable", False) or not feature.get("required", True)
            yield Column(f"features.{feature['name']}", feature["name"], feature.get("type", "number"), may_be_none)


def _words(columns: Iterable[Column]) -> str:
    return ", ".join(each.name for each in columns) or "none there is"
