"""Routes in words."""

from scoring.engine import document as documents


def routes_in_words(intent: documents.Intent) -> list[str]:
    """Each route as a sentence: `web: channel is web or app → cards@2 (transform 7), shadow cards@3 (transform 9)`."""
    return [_in_words(route) for route in intent.routes]


def _in_words(route: documents.Route) -> str:
    when = " and ".join(_condition(each) for each in route.when)
    shadows = "".join(f", shadow {_target(each)}" for each in route.shadows)
    return f"{route.name}: {when or 'always'} → {_target(route.live)}{shadows}"


def _target(target: documents.Target) -> str:
    return f"{target.predictor} (transform {target.transform})"


def _condition(condition: documents.Condition) -> str:
    said = []
    if condition.any_of:
        said.append(f"is {' or '.join(map(str, condition.any_of))}")
    if condition.none_of:
        said.append(f"is not {' or '.join(map(str, condition.none_of))}")
    if condition.minimum is not None:
        said.append(f"≥ {condition.minimum:g}")
    if condition.maximum is not None:
        said.append(f"≤ {condition.maximum:g}")
    return f"{condition.attribute} {' and '.join(said)}"
