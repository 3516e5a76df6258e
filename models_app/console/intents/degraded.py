"""What answers where a live predictor fails, and how many events that was."""

from models_app.console.ui.counts import counted
from models_app.console.ui.panels import Cell, Facts, Note, Panel
from models_app.releases.fallbacks import fallbacks_in_words
from scoring.engine import document as documents
from tenants.models import Intent


def degraded_note(degraded: int, events: int) -> Panel:
    """Say how many of the last day's events something else answered."""
    return Note(
        f"{degraded:,} of {counted(events, 'event')} of the last 24 hours were not answered by the live predictor, for "
        "it failed. What is declared for that answered them; fits and evidence leave them out. The explorer shows "
        "them, and why (“Degraded only”).",
        "bad",
        "The live predictor fails",
    )


def answers_where_it_fails(intent: Intent, served: documents.Intent | None) -> Panel:
    """What is served for that, route by route, and what the next release will have of it."""
    routes = served.routes if served else ()
    facts = [(f"Live, route ‘{route.name}’", Cell(fallbacks_in_words(route))) for route in routes]
    wanted = [
        *(["the previous predictor"] if intent.fall_back_to_previous else []),
        *([f"the score {intent.fallback_score:g}"] if intent.fallback_score is not None else []),
    ]
    facts.append(("Next release", Cell(", then ".join(wanted) or "nothing: events are refused")))
    return Facts(facts, "Fallbacks")
