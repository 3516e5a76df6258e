"""A policy change in words."""

from typing import Any

from models_app.changes.policy_changes.models import PolicyChange
from models_app.intents import judgement


def what(change: PolicyChange) -> str:
    """What it is of: `review policy`, `evidence settings of card-payments`, `role of alex@example.com`."""
    return f"{change.kind} of {change.subject}" if change.subject else change.kind


def differences(change: PolicyChange) -> list[str]:
    """Each field from what to what: `tolerance: 10 % → 25 %`."""
    return [
        f"{field.replace('_', ' ')}: {_shown(field, change.before[field])} → {_shown(field, value)}"
        for field, value in change.after.items()
    ]


def _shown(field: str, value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if field.endswith("tolerance") and value is not None:
        return f"{100 * value:g} %"
    if isinstance(value, dict):
        return ", ".join(f"{name} {100 * share:g} %" for name, share in sorted(value.items())) or "none"
    if field in judgement.SETTINGS:
        return judgement.in_words(field, value) or "none"
    return str(value) if value not in ("", None) else "none"
