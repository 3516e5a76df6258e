"""What the transforms of a document were fitted on, beside the events that each answers."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from models_app.changes.evidence.sides import Recorded
from models_app.statistics.evidence.observations import Answering
from models_app.statistics.references import Reference
from models_app.transforms import report
from models_app.transforms.models import Transform
from scoring.engine.document import ReleaseDocument, Threshold

Reports = Mapping[int, Any]


def reports_of(tenant_id: int, *documents: ReleaseDocument | None) -> Reports:
    """By transform, the report of each in these documents."""
    ids = {int(each) for document in documents if document for each in document.transforms}
    return dict(Transform.objects.filter(tenant=tenant_id, pk__in=ids).values_list("pk", "report"))


def answering(
    recorded: Recorded,
    side: str,
    document: ReleaseDocument,
    thresholds: tuple[Threshold, ...],
    references: Mapping[str, Reference],
    reports: Reports,
) -> tuple[Answering, ...]:
    """The transforms that answer the recorded events by this document; `side` says which it is."""
    found = []
    for target, places in recorded.by_target(document).items():
        transform = document.transforms[str(target.transform)]
        rows = np.zeros(len(recorded), bool)
        rows[places] = True
        reached = {
            each.name: (each.score, float(np.interp(each.score, transform.y, transform.x))) for each in thresholds
        }
        fitted = report.fitting_sample_of(transform, references[transform.reference], reports.get(target.transform, {}))
        found.append(Answering(side, target.predictor, target.transform, rows, reached, fitted))
    return tuple(found)
