"""The way to the first score, with what is done of it."""

from collections.abc import Iterable, Sequence

from models_app.console.ui.panels import Panel, Step, Steps, address
from models_app.monitoring.onboarding import done
from tenants.models import Person, Tenant

_WORDS = {
    "tenant": ("A tenant", "A client organisation, which owns what follows."),
    "intent": ("An intent", "What the client asks for and sends, read from a sample file."),
    "model": ("A model", "An ONNX or LightGBM file, checked before it may be used."),
    "predictor": ("A predictor", "One or more models that become one probability."),
    "transform": ("A transform", "Maps the probability to a reference distribution."),
    "release": ("A release", "A change request goes live once another person approves it."),
    "key": ("A key", "What the client's programs authenticate with."),
    "score": ("The first score", "The example request is on the intent's last step."),
}
_SHARED = {"model": "models", "predictor": "predictors"}
_OF_TENANT = {
    "intent": "new_intent",
    "transform": "transforms",
    "release": "new_change",
    "key": "keys",
    "score": "tenant",
}


def first_day(person: Person, tenants: Sequence[Tenant]) -> Iterable[Panel]:
    """Show the steps of onboarding; empty once an event was scored."""
    ticked = done(person)
    if all(ticked.values()):
        return
    after = next(step for step, is_done in ticked.items() if not is_done)
    steps = [Step(*_WORDS[step], _address(step, tenants), is_done, step == after) for step, is_done in ticked.items()]
    yield Steps(steps, f"{sum(ticked.values())} of {len(ticked)} steps to the first score")


def _address(step: str, tenants: Sequence[Tenant]) -> str:
    if step in _SHARED:
        return address(_SHARED[step])
    if step in _OF_TENANT and tenants:
        return address(_OF_TENANT[step], tenant=tenants[0].slug)
    return address("tenants")
