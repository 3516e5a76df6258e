"""What the fits of proposed transforms did on days that they had not seen, for an intent as a whole."""

from collections.abc import Iterable, Mapping

from models_app.statistics.held_out import HeldOutRate, together
from models_app.transforms.models import Transform
from models_app.transforms.report import held_out_at


def held_out_of(tenant_id: int, shares: Mapping[int, float], scores: Iterable[float]) -> dict[float, HeldOutRate]:
    """By threshold's score, where each transform that answers any event has it.

    `shares`: of the intent's events, by the id of the transform that answers them; they add up to 1.
    """
    answering = {pk: share for pk, share in shares.items() if share}
    rows = Transform.objects.filter(tenant=tenant_id, pk__in=answering)
    reports = dict(rows.values_list("pk", "report"))
    found = {}
    for score in scores:
        rates = [(share, held_out_at(reports.get(pk, {}), score)) for pk, share in answering.items()]
        known = [(share, rate) for share, rate in rates if rate is not None]
        if known and len(known) == len(rates):
            found[score] = together(known)
    return found
