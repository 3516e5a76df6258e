"""Tenants whose events one predictor answers, brought to a reference, and another predictor to take its place."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from models_app import tasks
from models_app.catalog.models import ModelVersion, PredictorVersion, ReferenceDistribution
from models_app.replacements.models import Replacement, ReplacementLine
from models_app.replacements.services import create_replacement
from models_app.transforms.fits import request_fit
from models_app.transforms.models import Fit
from models_app.work import workers
from muse_site.driving.client import wait
from scoring.services import publish_document
from tenants.models import Person
from tenants.roles import Role
from tenants.scope import platform_scope
from tests import recorded
from tests.factories import (
    World,
    make_api_key,
    make_document,
    make_intent,
    make_model,
    make_person,
    make_predictor,
    make_reference,
    make_tenant,
    make_transform,
    text_of,
)

THRESHOLDS = [{"name": "review", "score": 0.3}, {"name": "decline", "score": 0.4}]
SOURCE = {"kind": "either", "days": 14}


@dataclass
class Fleet:
    """`old` answers everywhere, brought to `reference`; `new` orders them alike."""

    folder: Path
    model: ModelVersion
    old: PredictorVersion
    new: PredictorVersion
    reference: ReferenceDistribution
    author: Person

    def tenant(self, events: int = 3000, **changes: Any) -> World:
        """A tenant that is served by a transform of its own events."""
        tenant = make_tenant()
        intent = make_intent(tenant, thresholds=THRESHOLDS)
        key, token = make_api_key(tenant)
        with platform_scope():
            transform = make_transform(intent, self.old)
            world = self._publish(World(tenant, intent, self.model, self.old, transform, None, None, key, token))
            recorded.record_events(world, self.folder / tenant.slug, events, days=10, **changes)
            if events < 1000:
                return world  # too few for a fit
            fit = request_fit(
                actor=None, tenant=tenant, intent=intent, predictor=self.old, reference=self.reference,
                source={"kind": "recorded", "days": 14},
            )  # fmt: skip
        tasks.run_work("fit", tenant.pk, fit.pk)
        fit = wait(lambda: _ended(fit), "the fit", 180.0)  # where a product runs, its worker may be at it
        with platform_scope():
            assert fit.transform, fit.error
            return self._publish(replace(world, transform=fit.transform))

    def _publish(self, world: World) -> World:
        document = make_document(world.intent, world.transform)
        release = publish_document(tenant=world.tenant, document=text_of(document), actor=None, reason="for tests")
        return replace(world, document=document, release=release)

    def propose(self, **changes: Any) -> Replacement:
        with platform_scope():
            sent = {"title": "Better", "reason": "because", "replaced": self.old, "predictor": self.new}
            return create_replacement(**{"actor": self.author, "source": SOURCE, **sent, **changes})

    def lines(self, replacement: Replacement) -> list[ReplacementLine]:
        """As they are in the database, in the order of their tenants' making."""
        with platform_scope():
            rows = ReplacementLine.objects.filter(replacement=replacement).select_related("tenant", "change_request")
            return list(rows.order_by("tenant_id"))


def _ended(fit: Fit) -> Fit | None:
    with platform_scope():
        return Fit.objects.select_related("transform").exclude(state__in=Fit.ACTIVE).filter(pk=fit.pk).first()


def work_off(replacement: Replacement) -> None:
    """What workers do, until there is nothing left."""
    with platform_scope():
        lines = list(ReplacementLine.objects.filter(replacement=replacement).order_by("pk"))
    for line in lines:
        tasks.run_work(*line.arguments)


@pytest.fixture
def fleet(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fleet:
    monkeypatch.setattr(recorded, "NOON", timezone.now())
    model = make_model(weights=[0.002, 0.004])
    old, new = make_predictor(model), make_predictor(make_model(weights=[0.00202, 0.004], beta=0.5))
    return Fleet(tmp_path, model, old, new, make_reference(), make_person(role=Role.ANALYST))


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, tuple[Any, ...]]]:
    """What has been given to workers."""
    found: list[tuple[str, tuple[Any, ...]]] = []

    def keep(task: str, *args: Any, **_: Any) -> bool:
        found.append((task, args))
        return True

    monkeypatch.setattr(workers, "send", keep)
    return found
