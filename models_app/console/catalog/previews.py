"""A predictor on recorded events, as pages show it: which events, and what came of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError

from models_app.console.ui.panels import Cell, Figure, Note, Panel, Section, Stat, Stats, number, percent
from models_app.figures import predictors as figures
from models_app.inputs.errors import invalid
from models_app.transforms.preview import Preview, Recipe, preview
from tenants.models import Intent, Person
from tenants.permissions import may
from tenants.roles import Permission

DAYS = 7
FIGURE_HINT = (
    "Further right are fewer and riskier events. Where the lines part, probabilities move; a transform then maps them "
    "to the same scores. Rank correlation shows whether the same events are risky."
)


def places() -> list[tuple[str, str]]:
    """Intents in the scope, as `tenant/intent`, in words."""
    rows = Intent.objects.select_related("tenant").order_by("tenant__name", "name").only("name", "tenant")
    return [(f"{row.tenant.slug}/{row.name}", f"{row.tenant.name}: {row.name}") for row in rows]


def intent_at(person: Person, place: str) -> Intent:
    """Raises ValidationError (`where`) for one that is not there for this person."""
    slug, _, name = place.partition("/")
    intent = Intent.objects.select_related("tenant").filter(tenant__slug=slug, name=name).first()
    if intent is None or not may(person, Permission.VIEW, intent.tenant):
        raise invalid("where", "choose a tenant's intent, whose recorded events the preview uses")
    return intent


@dataclass(frozen=True)
class Asking(Panel):
    """Which events to look at: an intent (`places`) and days up to now; what was asked before stays."""

    template = "console/panels/asking.html"
    places: Sequence[tuple[str, str]]
    where: str
    days: str


def preview_panels(person: Person, recipe: Recipe, where: str, days: str) -> Iterable[Panel]:
    """What the address of a page asks for."""
    try:
        yield outcome(preview(intent=intent_at(person, where), recipe=recipe, days=_number(days)))
    except ValidationError as error:
        yield Note(" ".join(error.messages), "wait", "No preview")


def outcome(found: Preview) -> Panel:
    """The figure, and few numbers."""
    compared, live = found.compared, " and ".join(found.live)
    return Section(
        "preview",
        f"Compared with {live}",
        [Stats(list(_stats(found))), Figure("probability", figures.by_share(compared), FIGURE_HINT)],
        hint=f"On {compared.n:,} of {found.total:,} recorded events, drawn at random. Nothing is saved.",
    )


def _stats(found: Preview) -> Iterable[Stat]:
    compared = found.compared
    yield Stat("Mean probability", percent(compared.mean_after), f"{100 * compared.mean_before:.3g} % live")
    ranks = compared.rank_correlation
    yield Stat(
        "Rank correlation",
        Cell("–" if ranks is None else f"{ranks:.3f}", kind="number"),
        "1 means the same order of events",
    )
    yield Stat("Top-1 % overlap", percent(compared.same_riskiest, 2), "of the riskiest 1 % by the live predictor")
    yield Stat("Time per event", Cell(_duration(found.seconds), kind="number"), "in batches, on this machine")
    for share in (0.1, 0.01, 0.001):
        each = min(compared.quantiles, key=lambda q: abs(q.share - share))
        if 0.8 < each.share / share < 1.25:
            yield Stat(f"{100 * share:g} % reach", number(each.after, 4), f"{each.before:.4f} live")


def _duration(seconds: float) -> str:
    return f"{1e6 * seconds:,.0f} µs" if seconds < 1e-3 else f"{1e3 * seconds:,.1f} ms"


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise invalid("days", f"expected a number of days, found {text!r}") from None


def days_text(data: Any) -> str:
    return str(data.get("days") or f"{DAYS:g}")
