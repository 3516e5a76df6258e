"""A trial in words."""

from models_app.statistics.in_words import percent
from models_app.statistics.trials import Contest, Found
from models_app.successors.models import Trial


def reason_of(trial: Trial, found: Found) -> str:
    """Why the shadow is proposed: for whoever approves it, by what the trial has shown."""
    return (
        f"Proposed by itself: as a shadow of {trial.live.key} from {trial.begin:%Y-%m-%d} to {trial.end:%Y-%m-%d}, "
        f"{trial.shadow.key} caught more of the {found.positive:,} positive ones of {found.events:,} labelled events: "
        f"{'; '.join(contest_in_words(each) for each in found.contests)}."
    )


def contest_in_words(contest: Contest) -> str:
    """Both sides at one threshold, and by how much they differ."""
    change = contest.change
    between = f"{100 * change.low:+.3g} to {100 * (change.high or 0.0):+.3g}"
    return (
        f"{percent(contest.shadow)} instead of {percent(contest.live)} at “{contest.threshold}” "
        f"({100 * change.value:+.3g} points, {between})"
    )
