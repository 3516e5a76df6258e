"""How an intent's evidence judges: which events belong together, what they are worth, and what their labels say.

None of this is served: no release has it, and it holds from the next evidence on.
"""

from collections.abc import Iterable

from models_app.inputs.errors import invalid
from tenants.models import Intent

SETTINGS = ("entity", "amount", "label_maturity_days", "unlabelled_means")

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
_NUMBERS = ("number", "integer")


def check(intent: Intent) -> None:
    """Raise ValidationError naming the setting that names what events do not have in the log."""
    if intent.entity and entity_column(intent) is None:
        there = _words(_columns(intent))
        raise invalid("entity", f"expected a context attribute or a feature that is kept, of: {there}")
    if intent.amount and amount_column(intent) is None:
        there = _words(each for each in _columns(intent) if each[2] in _NUMBERS)
        raise invalid("amount", f"expected a context attribute or a feature that is kept, and a number, of: {there}")


def entity_column(intent: Intent) -> tuple[str, str] | None:
    """The event log's column that tells the entity, and its type; None where there is no such column."""
    return next(((column, type_) for column, name, type_ in _columns(intent) if name == intent.entity), None)


def amount_column(intent: Intent) -> tuple[str, str] | None:
    """The event log's column that tells the amount, and its type; None where there is no such column of numbers."""
    numbers = (each for each in _columns(intent) if each[2] in _NUMBERS)
    return next(((column, type_) for column, name, type_ in numbers if name == intent.amount), None)


def _columns(intent: Intent) -> Iterable[tuple[str, str, str]]:
    """What the log keeps of an event: column, name, type. A context attribute goes before a feature of its name."""
    for attribute in intent.context:
        yield f"context.{attribute['name']}", attribute["name"], attribute.get("type", "string")
    for feature in intent.features:
        if intent.keep_features == Intent.Keep.ALL or feature["name"] in intent.kept_features:
            yield f"features.{feature['name']}", feature["name"], feature.get("type", "number")


def _words(columns: Iterable[tuple[str, str, str]]) -> str:
    return ", ".join(name for _, name, _ in columns) or "none there is"
