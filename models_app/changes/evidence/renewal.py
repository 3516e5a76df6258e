"""Evidence in review is asked for anew when labels have come since: a periodic task looks for it.

The window stays as it was, for another one would have its own labels to wait for; what is new is what has become known
of the same events. Approvals are of the evidence before, so they count no more: on record with the reason, and told.
"""

from collections.abc import Sequence
from datetime import datetime

import numpy as np
import pyarrow as pa
from django.db import transaction
from django.utils import timezone

from models_app.changes.evidence.models import Evidence
from models_app.changes.evidence.order import order_evidence, void_approvals
from models_app.changes.models import ChangeRequest
from models_app.changes.notify import tell_of_change
from models_app.changes.selectors import evidence_of
from models_app.changes.transitions import REASSESS_REVIEWED, State, held, why_not
from models_app.notifications.events import Event
from models_app.transforms.source import Window
from scoring import releases
from scoring.engine import document as documents
from scoring.lake import reading
from tenants.scope import platform_scope, tenant_scope

LOOKED_AT = 200  # change requests each time that the task runs, in no order, so that none waits for ever
AT_ONCE = 20  # of them whose evidence is asked for anew
LEAST = 20  # labels that must have come
GROWTH = 0.2  # as a share of the labels that were known
_BECAUSE = "labels have come since, so evidence is computed anew"


def renew_evidence() -> int:
    """Ask anew where enough labels have come; of how many change requests."""
    with platform_scope():
        rows = ChangeRequest.objects.filter(state=State.IN_REVIEW, expires_at__gt=timezone.now()).order_by("?")
        places = list(rows.values_list("tenant_id", "pk")[:LOOKED_AT])
    found = 0
    for tenant_id, pk in places:
        with tenant_scope(tenant_id):
            found += _renew(ChangeRequest.objects.select_related("tenant").get(pk=pk))
        if found == AT_ONCE:
            break
    return found


def _renew(change: ChangeRequest) -> bool:
    """Whether it was asked for anew."""
    seen = evidence_of(change, releases.current(change.tenant))
    if seen is None or not labels_have_come(change, seen):
        return False
    with transaction.atomic():
        standing = held(change, None)
        latest = standing.evidence  # somebody may have decided, or asked for more, meanwhile
        is_as_before = standing.change.state == State.IN_REVIEW and latest is not None and latest.pk == seen.pk
        if not is_as_before or why_not(standing, REASSESS_REVIEWED):
            return False
        _ask_anew(standing.change, Window(seen.start, seen.end))
    return True


def _ask_anew(change: ChangeRequest, window: Window) -> None:
    """Who has approved is told, as all who may, that it waits for them again."""
    voided = void_approvals(change, _BECAUSE)
    order_evidence(change, None, window, labels_as_of=timezone.now())
    if voided:
        text = f"Approvals that were given are void: {_BECAUSE}."
        tell_of_change(Event.SUBMITTED, change, actor=None, text=text)


def labels_have_come(change: ChangeRequest, seen: Evidence) -> bool:
    """Whether since this evidence was begun its window's labels have grown by what may change what it says."""
    served = documents.decode(change.document).intents
    names = [intent for intent in served if intent in change.routes or change.republishes_id]
    begun = _as_numpy(seen.started_at or seen.created_at)
    if _since(begun, [reading.label_reports(change.tenant_id, each, seen.start) for each in names]) < LEAST:
        return False  # without a look at the window's events
    labelled = [reading.labelled(change.tenant_id, each, seen.start, seen.end) for each in names]
    came = _since(begun, labelled)
    return came >= max(LEAST, GROWTH * (sum(map(len, labelled)) - came))


def _since(begun: np.datetime64, tables: Sequence[pa.Table]) -> int:
    """How many of these labels were reported later."""
    reported = (np.asarray(each.column("reported_at").to_numpy()).astype("datetime64[us]") for each in tables)
    return sum(int(np.count_nonzero(each > begun)) for each in reported)


def _as_numpy(at: datetime) -> np.datetime64:
    """In UTC, which NumPy's times are in."""
    return np.datetime64(int(at.timestamp() * 1e6), "us")
