"""Rows for tests: tenants, keys, models, predictors, transforms, and releases that are served.

Each factory works in the scope that it needs, so tests may call them in any. `serve()` makes everything at once.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count

import msgspec
from django.utils import timezone

from models_app.catalog.models import ModelVersion, PredictorMember, PredictorVersion, ReferenceDistribution
from models_app.changes.decision_changes.models import DecisionChange
from models_app.changes.drafting import create_change
from models_app.changes.evidence.models import Evidence
from models_app.changes.models import ChangeRequest
from models_app.changes.policy_changes.models import PolicyChange
from models_app.notifications.events import SUBSCRIBABLE
from models_app.notifications.models import Delivery, Notification, Webhook
from models_app.replacements.models import Replacement, ReplacementLine
from models_app.transforms.models import Fit, Transform
from scoring import releases
from scoring.engine import document
from scoring.engine.onnx_model import Parity
from scoring.models import Release
from scoring.services import publish_document
from scoring.store import artifacts
from tenants import secrets
from tenants.models import ApiKey, Intent, Membership, Person, Tenant
from tenants.scope import platform_scope
from tests.documents import CHANNEL, FEATURES, MAPPING_X, MAPPING_Y, parity_of, sigmoid_onnx

SCOPES = ("label", "read", "score")

_numbers = count(1)


def make_tenant(slug: str = "", quota_per_second: int | None = None) -> Tenant:
    slug = slug or f"tenant-{next(_numbers)}"
    with platform_scope():
        return Tenant.objects.create(slug=slug, name=slug.title(), quota_per_second=quota_per_second)


def make_person(email: str = "", role: str | None = None, tenant: Tenant | None = None) -> Person:
    """A person; with `role`, a member of `tenant`, or of the whole platform without one."""
    with platform_scope():
        person = Person.objects.create_user(email or f"person-{next(_numbers)}@example.com", "password")
        if role is not None:
            Membership.objects.create(person=person, tenant=tenant, role=role)
    return person


def make_api_key(tenant: Tenant, scopes: Sequence[str] = SCOPES, **fields: object) -> tuple[ApiKey, str]:
    """A key and its text."""
    credential = secrets.make(secrets.KEY)
    with platform_scope():
        key = ApiKey.objects.create(
            tenant=tenant,
            name="tests",
            prefix=credential.prefix,
            secret_hash=credential.secret_hash,
            scopes=list(scopes),
            **fields,
        )
    return key, credential.text


def make_intent(
    tenant: Tenant, name: str = "card-payments", features: Sequence[document.Feature] = FEATURES, **fields: object
) -> Intent:
    defaults = {"context": [msgspec.to_builtins(CHANNEL)], "thresholds": [{"name": "review", "score": 0.9}]}
    with platform_scope():
        return Intent.objects.create(
            tenant=tenant, name=name, features=[msgspec.to_builtins(each) for each in features], **defaults | fields
        )


def make_model(
    name: str = "",
    features: Sequence[str] = ("amount", "hour"),
    weights: Sequence[float] = (),
    beta: float = 1.0,
    quantiles: Sequence[Sequence[float]] | None = None,
    bias: float = -2.0,
) -> ModelVersion:
    """A usable model of these features, its file in the storage."""
    content = sigmoid_onnx(weights or [0.002 * (1 + place) for place in range(len(features))], bias=bias)
    parity: Parity = parity_of(content, len(features))
    digest = artifacts.store(content, parity)
    declared = {feature.name: feature for feature in FEATURES}
    return ModelVersion.objects.create(
        name=name or f"model-{next(_numbers)}",
        version=1,
        file_format="onnx",
        features=[msgspec.to_builtins(declared.get(each, document.Feature(each))) for each in features],
        beta=beta,
        validation_quantiles=quantiles,
        uploaded_digest=digest,
        uploaded_bytes=len(content),
        state="usable",
        digest=digest,
        parity=parity,
        checked_at=timezone.now(),
    )


def make_predictor(*models: ModelVersion, name: str = "", aggregation: str = "mean") -> PredictorVersion:
    predictor = PredictorVersion.objects.create(
        name=name or f"predictor-{next(_numbers)}", version=1, aggregation=aggregation
    )
    for position, model in enumerate(models):
        PredictorMember.objects.create(predictor=predictor, position=position, model=model, beta=model.beta)
    return predictor


def make_reference(a: float = 2.0, b: float = 8.0) -> ReferenceDistribution:
    return ReferenceDistribution.objects.create(
        name=f"reference-{next(_numbers)}", version=1, kind="beta", parameters={"a": a, "b": b}
    )


def make_transform(
    intent: Intent,
    predictor: PredictorVersion,
    x: Sequence[float] = MAPPING_X,
    y: Sequence[float] = MAPPING_Y,
    report: dict[str, object] | None = None,
    reference: ReferenceDistribution | None = None,
) -> Transform:
    with platform_scope():
        return Transform.objects.create(
            tenant=intent.tenant,
            intent=intent,
            predictor=predictor,
            reference=reference or make_reference(),
            kind="custom",
            x=list(x),
            y=list(y),
            report=report or {},
        )


def make_document(intent: Intent, live: Transform, shadows: Sequence[Transform] = ()) -> document.ReleaseDocument:
    """A document that serves one intent by one route."""
    targets = [document.Target(each.predictor.key, each.pk) for each in (live, *shadows)]
    members = [member for each in (live, *shadows) for member in each.predictor.members.select_related("model")]
    return document.ReleaseDocument(
        tenant=intent.tenant.slug,
        intents={intent.name: intent_part(intent, document.Route("all", targets[0], shadows=tuple(targets[1:])))},
        predictors={each.predictor.key: predictor_part(each.predictor) for each in (live, *shadows)},
        transforms={str(each.pk): transform_part(each) for each in (live, *shadows)},
        models={
            member.model.key: document.Model(
                member.model.digest, tuple(each["name"] for each in member.model.features), member.model.single_rows
            )
            for member in members
        },
    )


def text_of(content: document.ReleaseDocument) -> str:
    """A document as it is stored."""
    return document.encode(content).decode()


def intent_part(intent: Intent, *routes: document.Route) -> document.Intent:
    return document.Intent(
        features=msgspec.convert(intent.features, tuple[document.Feature, ...]),
        routes=routes,
        context=msgspec.convert(intent.context, tuple[document.ContextAttribute, ...]),
        thresholds=msgspec.convert(intent.thresholds, tuple[document.Threshold, ...]),
    )


def predictor_part(predictor: PredictorVersion) -> document.Predictor:
    members = predictor.members.select_related("model")
    return document.Predictor(
        tuple(document.Member(member.model.key, member.beta, member.weight) for member in members),
        predictor.aggregation,
    )


def transform_part(transform: Transform) -> document.Transform:
    return document.Transform(transform.kind, transform.reference.key, tuple(transform.x), tuple(transform.y))


@dataclass(frozen=True)
class World:
    """A tenant that is served: everything that its release is made of, and a key that may do everything."""

    tenant: Tenant
    intent: Intent
    model: ModelVersion
    predictor: PredictorVersion
    transform: Transform
    document: document.ReleaseDocument
    release: Release
    key: ApiKey
    token: str

    @property
    def authorization(self) -> dict[str, str]:
        """For Django's test client: `client.post(…, headers=world.authorization)`."""
        return {"authorization": f"Bearer {self.token}"}

    def publish(self, *, y: Sequence[float] = MAPPING_Y, shadows: Sequence[Transform] = ()) -> "World":
        """The next release, with another transform."""
        with platform_scope():
            transform = make_transform(self.intent, self.predictor, y=y)
            content = make_document(self.intent, transform, shadows)
            release = publish_document(tenant=self.tenant, document=text_of(content), actor=None, reason="for tests")
        return replace(self, transform=transform, document=content, release=release)


def serve(
    slug: str = "",
    quota_per_second: int | None = None,
    beta: float = 0.2,
    quantiles: Sequence[Sequence[float]] | None = None,
) -> World:
    """A new tenant with one intent `card-payments` (FEATURES, context `channel`), served by one model."""
    tenant = make_tenant(slug, quota_per_second)
    intent = make_intent(tenant)
    model = make_model(beta=beta, quantiles=quantiles)
    predictor = make_predictor(model)
    key, token = make_api_key(tenant)
    with platform_scope():
        transform = make_transform(intent, predictor)
        content = make_document(intent, transform)
        release = publish_document(tenant=tenant, document=text_of(content), actor=None, reason="for tests")
    return World(tenant, intent, model, predictor, transform, content, release, key, token)


def set_threshold(world: World, score: float) -> None:
    """Have the world's intent declare one threshold, `review`, at this score."""
    with platform_scope():
        Intent.objects.filter(pk=world.intent.pk).update(thresholds=[{"name": "review", "score": score}])
        world.intent.refresh_from_db()


def make_change(world: World, author: Person | None = None) -> ChangeRequest:
    """A draft that proposes another transform for the world's intent, with evidence still to be computed."""
    transform = make_transform(world.intent, world.predictor, y=(0.0, 0.1, 0.2, 0.3, 1.0))
    live = {"predictor": world.predictor.key, "transform": transform.pk}
    with platform_scope():
        change = create_change(
            actor=None,
            tenant=world.tenant,
            title="A better transform",
            reason="alerts went up",
            routes={world.intent.name: [{"name": "all", "live": live}]},
        )
        ChangeRequest.objects.filter(pk=change.pk).update(author=author, edited_by=author)
        return ChangeRequest.objects.select_related("tenant").get(pk=change.pk)


def make_policy_change(tenant: Tenant | None, author: Person, **fields: object) -> PolicyChange:
    """One that waits for a second person: a wider tolerance."""
    with platform_scope():
        number = PolicyChange.objects.filter(tenant=tenant).count() + 1
        proposal = {"kind": "review policy", "before": {"tolerance": 0.1}, "after": {"tolerance": 0.25}, "reason": "x"}
        return PolicyChange.objects.create(tenant=tenant, author=author, **{"number": number} | proposal | fields)


def make_replacement(world: World, change: ChangeRequest) -> Replacement:
    """A replacement for the world's tenant, whose change request is made."""
    with platform_scope():
        replacement = Replacement.objects.create(
            title="A better predictor", reason="x", replaced=world.predictor, predictor=world.predictor,
            source={"kind": "either", "days": 14.0, "as_of": timezone.now().isoformat()},
        )  # fmt: skip
        add_line(replacement, world, change)
    return replacement


def add_line(replacement: Replacement, world: World, change: ChangeRequest) -> ReplacementLine:
    """The line of a tenant that has ended, with a fit."""
    with platform_scope():
        line = ReplacementLine.objects.create(
            tenant=world.tenant, replacement=replacement, intents=[world.intent.name], state="succeeded",
            verdict="pass", change_request=change, progress=1.0,
        )  # fmt: skip
        Fit.objects.create(
            tenant=world.tenant, intent=world.intent, predictor=world.predictor, reference=world.transform.reference,
            source={**replacement.source, "kind": "recorded"}, line=line,
        )  # fmt: skip
    return line


def add_evidence(change: ChangeRequest, verdict: str = "pass") -> Evidence:
    """Evidence as a worker would leave it, for the change request as it is and what is live now."""
    with platform_scope():
        live = releases.current(change.tenant)
        result = json.dumps({"verdict": verdict, "number": next(_numbers)})
        return Evidence.objects.create(
            tenant=change.tenant,
            change_request=change,
            document_digest=change.digest,
            live_digest=live.digest if live else "",
            start=timezone.now() - timedelta(days=14),
            end=timezone.now(),
            state="succeeded",
            result=result,
            digest=hashlib.sha256(result.encode()).hexdigest(),
            verdict=verdict,
        )


def add_decision_change(evidence: Evidence, **fields: object) -> DecisionChange:
    """An event that the evidence has found to change sides at `review`."""
    defaults = {
        "tenant_id": evidence.tenant_id, "intent": "card-payments", "threshold": "review", "side": "new alert",
        "event_id": f"e{next(_numbers)}", "occurred_at": evidence.end - timedelta(days=1), "score_before": 0.5,
        "score_after": 0.95, "move": 0.45, "amount": 12.5, "context": {"channel": "web"}, "label": 1,
    }  # fmt: skip
    with platform_scope():
        return DecisionChange.objects.create(evidence=evidence, **defaults | fields)


def make_webhook(tenant: Tenant | None = None, url: str = "https://example.com/hook", **fields: object) -> Webhook:
    """A tenant's webhook, or the platform's, that is told of everything."""
    defaults = {"events": list(SUBSCRIBABLE), "seed": f"seed-{next(_numbers)}"}
    with platform_scope():
        return Webhook.objects.create(tenant=tenant, url=url, **defaults | fields)


def make_delivery(webhook: Webhook, title: str = "Something happened", **fields: object) -> Delivery:
    """A notification on its way to this webhook, due now."""
    with platform_scope():
        notification = Notification.objects.create(tenant=webhook.tenant, event="change.published", title=title)
        return Delivery.objects.create(tenant=webhook.tenant, notification=notification, webhook=webhook, **fields)
